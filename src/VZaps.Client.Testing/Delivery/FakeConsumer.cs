using System.Globalization;

namespace VZaps.Client.Testing.Delivery;

/// <summary>One reading position: from where it reads each type, and where each event stands with it.</summary>
internal sealed class FakeConsumer(string name)
{
    private readonly Dictionary<EventType, int> _begins = [];
    private readonly Dictionary<int, Standing> _standings = [];

    public string Name => name;

    /// <summary>A type that it never read before begins at the log's end.</summary>
    public void Read(EventType type, int logEnd) => _begins.TryAdd(type, logEnd);

    /// <summary>Whether it is to get the event at some time.</summary>
    public bool Wants(LoggedEvent logged) =>
        _begins.TryGetValue(logged.Type, out var begin) && logged.Index >= begin && StandingOf(logged).IsOwed;

    public string ToJson(IReadOnlyList<LoggedEvent> log, DateTimeOffset now)
    {
        var behind = log.Where(Wants).ToList();
        var lagSeconds = behind.Count > 0 ? (now - behind[0].Position.AppendedAt).TotalSeconds : 0;
        return string.Create(CultureInfo.InvariantCulture, $$"""{"name":"{{name}}","lag":{{behind.Count}},"lag_seconds":{{lagSeconds:F3}}}""");
    }

    public Standing StandingOf(LoggedEvent logged)
    {
        if (!_standings.TryGetValue(logged.Index, out var standing))
            _standings.Add(logged.Index, standing = new Standing());
        return standing;
    }
}
