namespace VZaps.Client.Payloads;

/// <summary>Which payload goes with which event type, and how it is read. No reflection: each reader is a method.</summary>
internal static class PayloadTable
{
    private static readonly Dictionary<EventType, Entry> ByEventType = new()
    {
        [EventType.Message] = new(typeof(MessageEvent), MessageReader.Read),
        [EventType.ReadReceipt] = new(typeof(ReadReceiptEvent), ReceiptReader.Read),
        [EventType.Presence] = new(typeof(PresenceEvent), PresenceReader.Read),
        [EventType.ChatPresence] = new(typeof(ChatPresenceEvent), PresenceReader.ReadChat),
        [EventType.HistorySync] = new(typeof(HistorySyncEvent), HistoryReader.Read),
        [EventType.Connected] = new(typeof(ConnectedEvent), ConnectionReader.ReadConnected),
        [EventType.Disconnected] = new(typeof(DisconnectedEvent), ConnectionReader.ReadDisconnected),
        [EventType.GroupParticipantsAdd] = new(typeof(GroupParticipantsAddEvent), GroupReader.ReadAdd),
        [EventType.GroupParticipantsRemove] = new(typeof(GroupParticipantsRemoveEvent), GroupReader.ReadRemove),
    };

    /// <summary>The event types that have that payload.</summary>
    public static IEnumerable<EventType> TypesOf<TPayload>()
        where TPayload : EventPayload => ByEventType.Where(pair => pair.Value.Payload.IsAssignableTo(typeof(TPayload))).Select(pair => pair.Key);

    /// <exception cref="VZapsPayloadException">The payload is of another form.</exception>
    public static TPayload Read<TPayload>(VZapsEvent received)
        where TPayload : EventPayload
    {
        var place = new JsonPlace(received.Data, "$", received);
        if (!ByEventType.TryGetValue(received.Type, out var entry) || !entry.Payload.IsAssignableTo(typeof(TPayload)))
            throw new VZapsPayloadException(received, "$.type", $"the event is a {received.Type}, which has no {typeof(TPayload).Name}");
        return (TPayload)(entry.Read(place) with { EventId = received.Id, InstanceId = received.InstanceId, Data = received.Data });
    }

    private sealed record Entry(Type Payload, Func<JsonPlace, EventPayload> Read);
}
