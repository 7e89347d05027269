namespace VZaps.Client.Configuration;

/// <summary>Collects what is wrong with options, so that all of it is said at once. Secrets are named, never shown.</summary>
internal sealed class OptionCheck
{
    private readonly List<string> _mistakes = [];

    public static TimeSpan ShortestTimeout { get; } = TimeSpan.FromMilliseconds(100);

    public static TimeSpan LongestTimeout { get; } = TimeSpan.FromMinutes(10);

    /// <summary>The ceiling of the waits between the deliveries of an event whose handler threw.</summary>
    public static TimeSpan LongestFailedEventDelay { get; } = TimeSpan.FromMinutes(5);

    public void ThrowIfWrong(string parameterName)
    {
        if (_mistakes.Count > 0)
            throw new ArgumentException(string.Join(" ", _mistakes), parameterName);
    }

    /// <summary>The same of one value.</summary>
    public static void RequireCredential(string name, string? value, string parameterName)
    {
        var check = new OptionCheck();
        check.Credential(name, value);
        check.ThrowIfWrong(parameterName);
    }

    /// <summary>What goes into a header: printable ASCII. A pasted line break is the usual mistake.</summary>
    public void Credential(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            _mistakes.Add($"{name} is missing.");
        else if (value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            _mistakes.Add($"{name} has a character that no credential has (a space, a line break or one outside ASCII).");
    }

    /// <summary>Two ways to the same thing: which one counts should not have to be guessed.</summary>
    public void Absent(string name, string? value, string other)
    {
        if (!string.IsNullOrEmpty(value))
            _mistakes.Add($"Give {name} or {other}, not both.");
    }

    public Uri? Address(string name, Uri? given, string variable, Func<string, string?> environment)
    {
        if (given is not null || environment(variable) is not { } text || string.IsNullOrWhiteSpace(text))
            return given;
        if (Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address))
            return address;
        _mistakes.Add($"{name} is taken from {variable}, which is no absolute address: '{text}'. Give one such as https://gateway.example.com.");
        return null;
    }

    public void Scheme(string name, Uri address, string plain, string secure)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != plain && address.Scheme != secure))
            _mistakes.Add($"{name} must be an absolute {plain} or {secure} address.");
        else if (address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
            _mistakes.Add($"{name} must have no query, fragment or user; credentials go into their own options.");
    }

    public void Consumer(string name, string? value)
    {
        if (value is not null && !ConsumerName.IsValid(value))
            _mistakes.Add($"{name} '{value}' is no consumer's name. Give 1 to {ConsumerName.MaxLength} of a-z0-9._-, the first a letter or digit.");
    }

    /// <summary>A consumer with a name is one whose position the server keeps. A second position beside that would win at each start, and be the worse one.</summary>
    public void OwnCursor(string name, string consumer)
    {
        if (consumer is not ConsumerName.Default and not ConsumerName.Ephemeral)
        {
            _mistakes.Add($"{name} does not go with the consumer '{consumer}', whose position the server keeps: a position of your own would hand out again what was acked, and send what is still owed "
                + $"to the dead letters. Leave {name} out, or read as '{ConsumerName.Ephemeral}', which has no position at the server.");
        }
    }

    public void Range<T>(string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            _mistakes.Add($"{name} {value} is out of range; give {least} to {most}.");
    }

    /// <summary>A type that this version does not know may be one that the server knows; no name at all is a mistake.</summary>
    public void EventTypes(string name, IReadOnlyList<EventType>? types)
    {
        foreach (var type in types ?? [])
        {
            if (type.Name.Length == 0 || type.Name.Contains(',', StringComparison.Ordinal))
                _mistakes.Add($"{name} has '{type.Name}', which is no event type. Use one of: {EventType.Names}, All.");
        }
    }

    public void NotNull(string name, object? value)
    {
        if (value is null)
            _mistakes.Add($"{name} is missing.");
    }
}
