namespace VZaps.Cli.Profiles;

/// <summary>
/// The gateway, account and instance that a command works with, put together from its options, the environment and the profile, in this order.
/// What is missing is refused only when it is asked for: not every command needs every value.
/// </summary>
/// <remarks>A class without generated text, so that no secret can be printed by accident.</remarks>
internal sealed class Access
{
    private static readonly Uri DefaultBaseUrl = new("http://localhost:8080");

    private readonly Profile _values;
    private readonly string _place;
    private readonly string? _othersToken;

    private Access(Profile values, Uri baseUrl, string place, string? othersToken = null) =>
        (_values, BaseUrl, _place, _othersToken) = (values, baseUrl, place, othersToken);

    /// <summary>Where the gateway is.</summary>
    public Uri BaseUrl { get; }

    public string ClientToken => RequireCredential(_values.ClientToken, "client_token", "VZAPS_CLIENT_TOKEN");

    public string ClientSecret => RequireCredential(_values.ClientSecret, "client_secret", "VZAPS_CLIENT_SECRET");

    public string InstanceId => Require(_values.InstanceId, "instance_id", "VZAPS_INSTANCE_ID", "--instance");

    /// <summary>The token of this very instance: one that stands beside another instance's id is not given out.</summary>
    public string InstanceToken => HasInstanceToken || _othersToken is null
        ? RequireCredential(_values.InstanceToken, "instance_token", "VZAPS_INSTANCE_TOKEN")
        : throw new MisuseException(
            $"instance_token is missing: that of {_othersToken} is not known to belong to {InstanceId}. Set VZAPS_INSTANCE_ID and VZAPS_INSTANCE_TOKEN together, or choose another profile with --profile NAME.");

    /// <summary>Whether calls can be made as the account; else the instance token has to do.</summary>
    public bool HasClientSecret => !string.IsNullOrEmpty(_values.ClientSecret);

    public bool HasInstanceToken => !string.IsNullOrEmpty(_values.InstanceToken);

    /// <summary>The SDK's client with these values.</summary>
    /// <exception cref="MisuseException">A value that it needs is missing.</exception>
    public VZapsClient CreateClient() => new(new VZapsClientOptions { ClientToken = ClientToken, ClientSecret = ClientSecret, BaseUrl = BaseUrl });

    /// <summary>Values that are known already.</summary>
    public static Access Of(Uri baseUrl, Profile values) => new(values, baseUrl, "the values given");

    /// <summary>Puts the values together.</summary>
    /// <exception cref="MisuseException">The profile cannot be read, or the address is none.</exception>
    public static Access From(AccessChoice choice, Func<string, string?> environment, TextWriter warnings)
    {
        var path = ProfileFile.PathOf(environment);
        var profile = ProfileFile.Read(path, choice.Profile, warnings);
        var place = $"profile '{choice.Profile ?? ProfileFile.DefaultProfile}' of {path}";
        var (token, othersToken) = TokenOf(choice.Instance, (environment("VZAPS_INSTANCE_ID"), environment("VZAPS_INSTANCE_TOKEN")), profile, place);
        var values = new Profile
        {
            BaseUrl = First(choice.Url, environment("VZAPS_BASE_URL"), profile.BaseUrl),
            ClientToken = First(environment("VZAPS_CLIENT_TOKEN"), profile.ClientToken),
            ClientSecret = First(environment("VZAPS_CLIENT_SECRET"), profile.ClientSecret),
            InstanceId = First(choice.Instance, environment("VZAPS_INSTANCE_ID"), profile.InstanceId),
            InstanceToken = token,
        };
        return new Access(values, AddressOf(values.BaseUrl), place, othersToken);
    }

    // The token goes with the id: one from below the source that named the instance is another instance's, unless the same id stands beside it.
    private static (string? Token, string? PlaceOfOthers) TokenOf(string? option, (string? Id, string? Token) environment, Profile profile, string place)
    {
        var others = (string?)null;
        if (First(environment.Token) is { } fromEnvironment)
        {
            if (First(option) is not { } id || id == environment.Id)
                return (fromEnvironment, null);
            others = "VZAPS_INSTANCE_TOKEN";
        }

        if (First(profile.InstanceToken) is not { } fromProfile)
            return (null, others);
        return First(option, environment.Id) is not { } overriding || overriding == profile.InstanceId
            ? (fromProfile, null)
            : (null, others ?? place);
    }

    private static Uri AddressOf(string? text)
    {
        if (text is null)
            return DefaultBaseUrl;
        if (Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            && address is { Query: "", Fragment: "", UserInfo: "" })
            return address;
        // Not the text itself: it may hold a user and a password.
        throw new MisuseException(
            "The gateway's address (--url, VZAPS_BASE_URL or \"base_url\" of the profile) must be an http or https address without user, query and fragment, such as https://gateway.example.com.");
    }

    /// <summary>What goes into a header. A pasted line break is the usual mistake; the value is not shown.</summary>
    private string RequireCredential(string? value, string name, string variable)
    {
        var given = Require(value, name, variable, null);
        return !given.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? given
            : throw new MisuseException($"{name} has a character that no credential has (a space, a line break or one outside ASCII). It is that of {variable}, or else of {_place}.");
    }

    private string Require(string? value, string name, string variable, string? option)
    {
        if (!string.IsNullOrEmpty(value))
            return value;
        throw new MisuseException(option is null
            ? $"{name} is missing. Set {variable}, or write \"{name}\" into {_place}, or choose another profile with --profile NAME (a secret as an option would show in the list of processes)."
            : $"{name} is missing. Give {option}, or set {variable}, or write \"{name}\" into {_place}.");
    }

    private static string? First(params ReadOnlySpan<string?> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (!string.IsNullOrWhiteSpace(candidate))
                return candidate;
        }

        return null;
    }
}

/// <summary>What the command line says of it; null where it says nothing.</summary>
internal sealed record AccessChoice(string? Profile, string? Url, string? Instance);
