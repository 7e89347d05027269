using System.Net;
using VZaps.Client.Http;

namespace VZaps.Client.Realtime;

/// <summary>
/// Stands between one handshake and the wire and keeps what the WebSocket itself would throw away: the server's explanation when it
/// refused, and its time and the line itself when it agreed.
/// </summary>
/// <remarks>Never disposed: that would dispose the handler below it, which belongs to the client.</remarks>
internal sealed class RefusalRecorder(HttpMessageHandler below, TimeSpan silenceLimit, TimeProvider time) : DelegatingHandler(below)
{
    /// <summary>After so long without a byte a connection is dead, where the WebSocket itself does not find out (.NET 8).</summary>
    public TimeSpan SilenceLimit { get; } = silenceLimit > SilenceWatch.ShortestLimit ? silenceLimit : SilenceWatch.ShortestLimit;

    private LineContent? _content;

    public Refusal? Refusal { get; private set; }

    /// <summary>The line under the WebSocket; null while there is none.</summary>
    public FrameLine? Line => _content?.Line;

    /// <summary>The time by the server's clock, to the second, at which it agreed; null where it did not, or gave none.</summary>
    public DateTimeOffset? AgreedAt { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            AgreedAt = answer.Headers.Date;
            answer.Content = _content = new LineContent(answer.Content, SilenceLimit, time);
        }
        else
        {
            Refusal = await Refusal.ReadAsync(answer, time, cancellationToken).ConfigureAwait(false);
        }

        return answer;
    }
}
