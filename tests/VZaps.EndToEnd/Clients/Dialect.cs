namespace VZaps.EndToEnd.Clients;

/// <summary>How one of the clients in the field speaks: where it puts its credentials, its filter and its acks.</summary>
internal sealed record Dialect(string Name, bool InHeaders, bool InQuery, Func<string[], string> Events, Func<string, string> Ack)
{
    public static Dialect Python { get; } = new("Python", true, true, CommaSeparated, AckWith("event_id"));

    public static Dialect TypeScript { get; } = new("TypeScript", false, true, CommaSeparated, AckWith("event_id"));

    public static Dialect Go { get; } = new("Go", true, true, types => types.Length == 0 ? "" : CommaSeparated(types), AckWith("event_id"));

    public static Dialect DotNet { get; } = new(".NET", true, false, CommaSeparated, AckWith("id"));

    public static Dialect Java { get; } = new("Java", true, false, types => string.Concat(types.Select(type => $"&events={type}")), AckWith("id"));

    public static Dialect Php { get; } = new("PHP", true, true, CommaSeparated, AckWith("eventId"));

    public static IReadOnlyList<Dialect> All { get; } = [Python, TypeScript, Go, DotNet, Java, Php];

    public override string ToString() => Name;

    private static string CommaSeparated(string[] types) => "&events=" + Uri.EscapeDataString(string.Join(',', types));

    private static Func<string, string> AckWith(string field) => id => $$"""{"type":"ack","{{field}}":"{{id}}"}""";
}
