using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Realtime;

/// <summary>What is known of a connection from its handshake.</summary>
/// <param name="Id">Its request's id: the same in the log of the handshake.</param>
/// <param name="Access">What it was let in with.</param>
/// <param name="Consumer">The name of its consumer.</param>
/// <param name="Types">The types that its filter lets through.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="UserAgent">What it calls itself, shortened.</param>
internal sealed record ConnectionInfo(
    string Id, RealtimeAccess Access, string Consumer, EventTypeSet Types, string Address, string UserAgent)
{
    private const int MaxUserAgentLength = 120;

    public static ConnectionInfo Of(HttpContext context, RealtimeAccess access, RealtimeRequest request)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new ConnectionInfo(
            context.TraceIdentifier,
            access,
            request.Consumer,
            request.Events ?? access.Instance.SubscribedEvents,
            context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
            Clean(agent.Length <= MaxUserAgentLength ? agent : agent[..MaxUserAgentLength]));
    }

    // A client's own words go into log lines: nothing in them may look like another line.
    private static string Clean(string text) => string.Create(text.Length, text, static (clean, given) =>
    {
        for (var i = 0; i < given.Length; i++)
            clean[i] = char.IsControl(given[i]) ? '?' : given[i];
    });
}
