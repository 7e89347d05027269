using System.Text.Json.Nodes;

namespace VZaps.Cli.Demo.Phone;

/// <summary>One event that the phone is about to publish.</summary>
/// <param name="Type">One of the nine types.</param>
/// <param name="Data">The payload, which repeats the type.</param>
/// <param name="Pause">How long a person takes before it.</param>
internal sealed record PhoneEvent(EventType Type, JsonObject Data, TimeSpan Pause)
{
    /// <summary>The picture of a message with one, a <see cref="Snapshot"/>; null for none.</summary>
    public byte[]? Picture { get; init; }
}
