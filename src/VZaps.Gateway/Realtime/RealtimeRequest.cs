using VZaps.Gateway.Delivery;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>What a realtime handshake asks for, in right form; whether it may have it is another question.</summary>
/// <param name="Instance">The instance to watch.</param>
/// <param name="Events">The types asked for; null for those that the instance subscribes to.</param>
/// <param name="Cursor">The event after which to start; null without one.</param>
/// <param name="Consumer">The reading position to use.</param>
internal readonly record struct RealtimeRequest(InstanceId Instance, EventTypeSet? Events, EventPosition? Cursor, string Consumer)
{
    private const int MaxUserAgentLength = 120;

    /// <summary>Whether no position is kept.</summary>
    public bool IsEphemeral => Consumer == ConsumerName.Ephemeral;

    /// <exception cref="ProblemException">400: something is malformed.</exception>
    public static RealtimeRequest Read(HttpContext context)
    {
        var instanceText = Query.Get(context, "instance_id") ?? throw RealtimeProblems.InstanceMissing.ToException();
        if (!InstanceId.TryParse(instanceText, out var instance))
            throw RealtimeProblems.InvalidInstance.ToException();
        var events = EventTypeFilter.Read(Query.GetAll(context, "events"));
        var cursorText = Query.Get(context, "last_event_id");
        EventPosition? cursor = cursorText is null ? null : Log.Cursor.ReadForm(cursorText, "last_event_id");
        return new RealtimeRequest(instance, events, cursor, ReadConsumer(context));
    }

    /// <summary>What is known of the connection that is asked for.</summary>
    public ReaderInfo Describe(HttpContext context, RealtimeAccess access, DateTimeOffset now)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new ReaderInfo(
            context.TraceIdentifier,
            access,
            Consumer,
            Events ?? access.Instance.SubscribedEvents,
            context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
            Clean(agent.Length <= MaxUserAgentLength ? agent : agent[..MaxUserAgentLength]),
            now,
            context.WebSockets.WebSocketRequestedProtocols.Contains(ExtensionProtocol.Name));
    }

    // A client's own words go into log lines: nothing in them may look like another line.
    private static string Clean(string text) => string.Create(text.Length, text, static (clean, given) =>
    {
        for (var i = 0; i < given.Length; i++)
            clean[i] = char.IsControl(given[i]) ? '?' : given[i];
    });

    private static string ReadConsumer(HttpContext context)
    {
        var inPath = context.Features.Get<PathConsumer>()?.Name;
        var inQuery = Query.Get(context, "consumer");
        if (inPath is not null && inQuery is not null && inPath != inQuery)
            throw RealtimeProblems.ConsumersDiffer.ToException();
        var name = inPath ?? inQuery ?? ConsumerName.Default;
        return ConsumerName.IsValid(name) ? name : throw RealtimeProblems.InvalidConsumer.ToException();
    }
}
