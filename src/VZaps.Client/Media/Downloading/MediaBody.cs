using System.Net;
using System.Net.Http.Headers;
using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>An answer to a link, and its bytes.</summary>
/// <param name="answer">The answer.</param>
/// <param name="watch">Bounds the waits for it.</param>
/// <param name="trail">Where it came from.</param>
/// <param name="asked">From which byte on the file was asked for.</param>
internal sealed class MediaBody(HttpResponseMessage answer, StallWatch watch, MediaTrail trail, long asked) : IAsyncDisposable
{
    private Stream? _content;

    public HttpStatusCode Status => answer.StatusCode;

    public EntityTagHeaderValue? ETag => answer.Headers.ETag;

    public DateTimeOffset? LastModified => answer.Content.Headers.LastModified;

    /// <summary>When it was given, by the server's clock; null where it does not say.</summary>
    public DateTimeOffset? Date => answer.Headers.Date;

    /// <summary>Where it leads on to; null for nowhere.</summary>
    public Uri? Location => answer.Headers.Location;

    public bool IsRedirect => Status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    /// <summary>Where it came from.</summary>
    public MediaTrail Trail => trail;

    /// <summary>The place of its first byte in the file; null where it does not say.</summary>
    public long? From => Status == HttpStatusCode.PartialContent ? answer.Content.Headers.ContentRange?.From : 0;

    /// <summary>The length of the whole file; null where it does not say.</summary>
    public long? Total => Status == HttpStatusCode.OK ? answer.Content.Headers.ContentLength : answer.Content.Headers.ContentRange?.Length;

    /// <summary>Whether it is of the file: its bytes, or that it has none from there on.</summary>
    public bool IsOfFile => Status is HttpStatusCode.OK or HttpStatusCode.PartialContent || IsBehindEnd;

    public bool IsBehindEnd => Status == HttpStatusCode.RequestedRangeNotSatisfiable && asked > 0;

    /// <summary>Takes it for the file: from now on only stalls count.</summary>
    /// <exception cref="VZapsMediaException">Its bytes are packed.</exception>
    public void Accept()
    {
        watch.Limit = watch.StallTimeout;
        if (!IsBehindEnd && answer.Content.Headers.ContentEncoding.FirstOrDefault(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)) is { } coding)
            throw new VZapsMediaException(MediaProblem.Encoded, $"{trail.Name} gives the file with the Content-Encoding '{SecretMask.Apply(coding, trail.Secrets)}', although identity was asked for.");
    }

    /// <exception cref="MediaInterruptedException">The connection broke or stalled.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _content ??= await watch.RunAsync(answer.Content, static async (content, token) => await content.ReadAsStreamAsync(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return await watch.RunAsync((Content: _content, Buffer: buffer), static (parts, token) => parts.Content.ReadAsync(parts.Buffer, token), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<Refusal> ReadRefusalAsync(TimeProvider time, CancellationToken cancellationToken) =>
        watch.RunAsync((Answer: answer, Time: time), static async (parts, token) => await Refusal.ReadAsync(parts.Answer, parts.Time, token).ConfigureAwait(false), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_content is not null)
            await _content.DisposeAsync().ConfigureAwait(false);
        answer.Dispose();
        watch.Dispose();
    }
}
