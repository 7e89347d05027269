using System.Text.Json.Serialization;

namespace VZaps.Client.Events;

/// <summary>The server's first words on a connection.</summary>
internal sealed record HelloFrame
{
    public string? ConnectionId { get; init; }
    public string? Consumer { get; init; }
    public int? ConsumerConnections { get; init; }
    public string? ResumedAfter { get; init; }
    public long? Lag { get; init; }
    public int? Window { get; init; }
    public long? AckTimeoutMs { get; init; }
    public int? Moves { get; init; }
    public GapFrame? Gap { get; init; }
}

/// <summary>The extent of a gap, as a frame of its own or in the <see cref="HelloFrame"/>.</summary>
internal sealed record GapFrame
{
    public string? From { get; init; }
    public string? To { get; init; }
    public long? Events { get; init; }
    public string? Reason { get; init; }

    public EventGap ToGap() => new() { From = From, To = To, Events = Events, Reason = Reason ?? "" };
}

internal sealed record GoAwayFrame
{
    /// <summary>A wait that is longer than this is a mistake.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    public long? ReconnectAfterMs { get; init; }

    public TimeSpan Delay() => TimeSpan.FromMilliseconds(Math.Clamp(ReconnectAfterMs ?? 0, 0, (long)LongestWait.TotalMilliseconds));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HelloFrame))]
[JsonSerializable(typeof(GapFrame))]
[JsonSerializable(typeof(GoAwayFrame))]
internal sealed partial class ServerFrameJson : JsonSerializerContext;
