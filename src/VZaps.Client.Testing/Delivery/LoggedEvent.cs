namespace VZaps.Client.Testing.Delivery;

/// <summary>An event in the log.</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="Position">Its id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Envelope">Its final bytes.</param>
internal sealed record LoggedEvent(int Index, EventPosition Position, EventType Type, byte[] Envelope)
{
    public string Id { get; } = Position.ToString();
}
