using VZaps.Gateway.Delivery;

namespace VZaps.Gateway.Webhooks;

/// <summary>What became of an event at a consumer.</summary>
internal static class ConsumerFate
{
    /// <param name="consumer">The consumer.</param>
    /// <param name="sequence">The event.</param>
    /// <param name="typeIndex">Its type; null where it is not known any more.</param>
    /// <param name="letter">Its dead letter; null for none.</param>
    public static ConsumerDeliveryAnswer Of(Consumer consumer, long sequence, byte? typeIndex, DeadLetterRow? letter)
    {
        var isOutOn = consumer.Connections.Where(connection => connection.IsOut(sequence)).Select(connection => connection.Info.Id).ToList();
        // A letter that was acked in the last second still has its row.
        if (letter is not null && consumer.ReadLetters(index => index.Contains(sequence)))
            return Dead(consumer, letter, isOutOn);
        var types = consumer.Snapshot().Types.Where(type => typeIndex is null || type.TypeIndex == typeIndex).ToList();
        if (types.Any(type => type.Owed.Contains(sequence)))
        {
            return Answer("unacked", isOutOn.Count > 0
                ? "It was sent, and none of the connections has acked it yet."
                : "It was sent and not acked; the consumer's next connection of its type gets it again.");
        }

        if (typeIndex is { } index && types.Count == 0)
            return Answer("filtered", $"No connection of this consumer has asked for {EventType.Known[index].Name}.");
        if (types.Count > 0 && types.All(type => sequence > type.Head))
            return Answer("not_read", "The consumer has not come to this event yet.");
        return typeIndex is null
            ? Answer("unknown", "Neither the log nor a dead letter has the event, so it is not known whether the consumer read its type.")
            : Answer("acked", "A connection of this consumer acked it, or it is from before the consumer first read its type.");

        ConsumerDeliveryAnswer Answer(string status, string detail) => new(consumer.Key.Name, status, detail, isOutOn);
    }

    private static ConsumerDeliveryAnswer Dead(Consumer consumer, DeadLetterRow letter, IReadOnlyList<string> connections) => new(
        consumer.Key.Name,
        "dead",
        letter.Detail ?? "It is among the consumer's dead letters, and can be redelivered from there.",
        connections,
        DeadLetterReasons.NameOf(letter.Reason),
        DateTimeOffset.FromUnixTimeMilliseconds(letter.DiedAtMilliseconds),
        letter.RedeliveredAtMilliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
}
