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

    private Access(Profile values, Uri baseUrl, string place) => (_values, BaseUrl, _place) = (values, baseUrl, place);

    /// <summary>Where the gateway is.</summary>
    public Uri BaseUrl { get; }

    public string ClientToken => Require(_values.ClientToken, "client_token", "VZAPS_CLIENT_TOKEN", null);

    public string ClientSecret => Require(_values.ClientSecret, "client_secret", "VZAPS_CLIENT_SECRET", null);

    public string InstanceId => Require(_values.InstanceId, "instance_id", "VZAPS_INSTANCE_ID", "--instance");

    public string InstanceToken => Require(_values.InstanceToken, "instance_token", "VZAPS_INSTANCE_TOKEN", null);

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
        var values = new Profile
        {
            BaseUrl = First(choice.Url, environment("VZAPS_BASE_URL"), profile.BaseUrl),
            ClientToken = First(environment("VZAPS_CLIENT_TOKEN"), profile.ClientToken),
            ClientSecret = First(environment("VZAPS_CLIENT_SECRET"), profile.ClientSecret),
            InstanceId = First(choice.Instance, environment("VZAPS_INSTANCE_ID"), profile.InstanceId),
            InstanceToken = First(environment("VZAPS_INSTANCE_TOKEN"), profile.InstanceToken),
        };
        return new Access(values, AddressOf(values.BaseUrl), $"profile '{choice.Profile ?? ProfileFile.DefaultProfile}' of {path}");
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
