using System.Net;
using System.Net.Http.Headers;
using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>An answer to a link, and its bytes.</summary>
internal sealed class MediaBody(HttpResponseMessage answer, StallWatch watch) : IAsyncDisposable
{
    private Stream? _content;

    public HttpStatusCode Status => answer.StatusCode;

    public EntityTagHeaderValue? ETag => answer.Headers.ETag;

    /// <summary>The place of its first byte in the file; null where it does not say.</summary>
    public long? From => Status == HttpStatusCode.PartialContent ? answer.Content.Headers.ContentRange?.From : 0;

    /// <summary>The length of the whole file; null where it does not say.</summary>
    public long? Total => Status == HttpStatusCode.PartialContent ? answer.Content.Headers.ContentRange?.Length : answer.Content.Headers.ContentLength;

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
