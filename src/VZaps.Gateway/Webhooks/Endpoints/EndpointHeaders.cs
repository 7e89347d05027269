namespace VZaps.Gateway.Webhooks;

/// <summary>The headers that an endpoint's user has sent along.</summary>
internal static class EndpointHeaders
{
    /// <summary>What stands for a value that is not shown. Given back, it keeps the value that is set.</summary>
    public const string Redacted = "***";

    private const int MaxCount = 32, MaxNameLength = 128, MaxValueLength = 2_048;
    private const string NameMarks = "!#$%&'*+-.^_`|~";

    // What the contract says itself, and what belongs to the connection.
    private static readonly string[] Prefixes = ["webhook-", "vzaps-", "proxy-", "content-"];
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect", "date",
        // These are of a body, by HTTP or by the library that sends them.
        "allow", "expires", "last-modified",
    };

    /// <summary>The headers that are asked for, over those that are set.</summary>
    /// <exception cref="Http.ProblemException">400.</exception>
    public static IReadOnlyDictionary<string, string> Read(IReadOnlyDictionary<string, string?> asked, IReadOnlyDictionary<string, string> known)
    {
        if (asked.Count > MaxCount)
            throw Invalid($"there are {asked.Count}, and {MaxCount} is the most");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, given) in asked)
        {
            var value = given == Redacted && known.TryGetValue(name, out var kept) ? kept : given;
            Check(name, value);
            if (!headers.TryAdd(name, value!))
                throw Invalid($"'{name}' is there twice, as upper and lower case make no difference");
        }

        return headers;
    }

    /// <summary>The names with their values hidden.</summary>
    public static IReadOnlyDictionary<string, string> Hide(IReadOnlyDictionary<string, string> headers) =>
        headers.ToDictionary(header => header.Key, _ => Redacted, StringComparer.OrdinalIgnoreCase);

    private static void Check(string name, string? value)
    {
        if (name.Length is 0 or > MaxNameLength || !name.All(sign => char.IsAsciiLetterOrDigit(sign) || NameMarks.Contains(sign, StringComparison.Ordinal)))
            throw Invalid($"'{EndpointProblems.Shown(name)}' is no name of a header: 1 to {MaxNameLength} of letters, digits and {NameMarks}");
        if (Reserved.Contains(name) || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            throw Invalid($"'{name}' is set by the gateway, or belongs to the connection");
        if (value is null || value.Length > MaxValueLength || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw Invalid($"the value of '{name}' is no text of at most {MaxValueLength} printable ASCII characters");
    }

    private static Http.ProblemException Invalid(string what) => EndpointProblems.InvalidHeaders(what).ToException();
}
