using VZaps.Gateway.Http;

namespace VZaps.Gateway.Log;

/// <summary>An event id that a client gives as a place in an instance's log.</summary>
internal static class Cursor
{
    /// <summary>Whether the text has the form of an event id; says nothing of whose.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public static EventPosition ReadForm(string text, string parameter) => EventPosition.TryParse(text, out var position)
        ? position
        : throw new Problem(400, "invalid_event_id", $"{parameter} is not an event id: evt_ and 26 characters, as in the 'id' of an event.").ToException();

    /// <summary>Reads an id that must have been this instance's, whether it is still retained or not.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public static EventPosition Read(string text, InstanceId instance, IEventLog log, string parameter)
    {
        var position = ReadForm(text, parameter);
        Require(position, instance, log);
        return position;
    }

    /// <summary>Refuses a position that was never this instance's.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public static void Require(EventPosition position, InstanceId instance, IEventLog log)
    {
        if (!position.BelongsTo(instance) || position.Sequence > log.GetRange(instance).LastSequence)
            throw new Problem(400, "unknown_cursor", $"{position} was never an event of instance {instance}. Leave it out to start where the consumer stands.").ToException();
    }
}
