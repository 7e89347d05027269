using System.Net;
using VZaps.Client.Http;

namespace VZaps.Client.Realtime;

/// <summary>
/// Stands between one handshake and the wire and keeps what the WebSocket itself would throw away: the server's explanation when it
/// refused, and its time when it agreed.
/// </summary>
/// <remarks>Never disposed: that would dispose the handler below it, which belongs to the client.</remarks>
internal sealed class RefusalRecorder(HttpMessageHandler below, TimeProvider time) : DelegatingHandler(below)
{
    public Refusal? Refusal { get; private set; }

    /// <summary>The time by the server's clock, to the second, at which it agreed; null where it did not, or gave none.</summary>
    public DateTimeOffset? AgreedAt { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.SwitchingProtocols)
            Refusal = await Refusal.ReadAsync(answer, time, cancellationToken).ConfigureAwait(false);
        else
            AgreedAt = answer.Headers.Date;
        return answer;
    }
}
