namespace VZaps;

/// <summary>Whose position it is.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Consumer">The consumer as which it is read.</param>
public readonly record struct CursorKey(string InstanceId, string Consumer);

/// <summary>
/// Keeps the position of a subscription over restarts of the program: the last event such that it and everything received before it were handled. It is loaded when subscribing,
/// where the request has no <see cref="EventSubscribeRequest.LastEventId"/>, and saved about once a second and at the close.
/// </summary>
/// <remarks>
/// The server keeps a position for each consumer, which knows every single ack and is the better one. A store of your own is for what it does not keep: the consumer
/// <c>ephemeral</c>, and servers without consumers. With a consumer that has a name, which only a server that keeps positions knows, subscribing throws an <see cref="ArgumentException"/>; with the
/// default one, a server that turns out to keep positions is warned of in the log. Implementations are thread-safe.
/// </remarks>
public interface ICursorStore
{
    /// <summary>The position; null where there is none. What it throws fails the subscribing.</summary>
    ValueTask<string?> LoadAsync(CursorKey key, CancellationToken cancellationToken);

    /// <summary>Keeps the position. What it throws is logged and raised to <c>OnError</c>, and it is tried again with the next one.</summary>
    ValueTask SaveAsync(CursorKey key, string eventId, CancellationToken cancellationToken);
}
