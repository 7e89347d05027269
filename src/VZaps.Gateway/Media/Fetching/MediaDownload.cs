using System.Buffers;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Media;

/// <summary>Gets a file and puts it on the disk as it comes: its memory is one buffer, whatever the file's size. Thread-safe.</summary>
internal sealed class MediaDownload(GuardedGet get, IncomingFiles files, IOptions<MediaOptions> options, TimeProvider time)
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Downloads it.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="token">As in <see cref="GuardedGet.GetAsync"/>.</param>
    /// <param name="expectedBytes">What it should have; null where nobody said.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>The file, which the caller disposes, and the content type that its server gave.</returns>
    /// <exception cref="MediaFailedException">It could not be got whole.</exception>
    public async Task<(IncomingFile File, string? ContentType)> RunAsync(Uri url, string? token, long? expectedBytes, CancellationToken cancellationToken)
    {
        var limits = options.Value;
        using var stall = new CancellationTokenSource(limits.StallTimeout, time);
        using var whole = new CancellationTokenSource(limits.FetchTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, whole.Token, cancellationToken);
        try
        {
            using var response = await get.GetAsync(url, token, either.Token);
            Require(response, expectedBytes);
            stall.CancelAfter(limits.StallTimeout);
            var file = files.Begin();
            try
            {
                await CopyAsync(response, file, stall, either.Token);
                if (file.Bytes == 0 && expectedBytes != 0)
                    throw MediaFailures.Empty.ToException();
                if (expectedBytes is { } bytes && bytes != file.Bytes)
                    throw MediaFailures.WrongLength(bytes, file.Bytes).ToException();
                return (file, response.Content.Headers.ContentType?.MediaType);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw (whole.IsCancellationRequested ? MediaFailures.TooSlow(limits.FetchTimeout) : MediaFailures.Stalled(limits.StallTimeout)).ToException();
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or SocketException)
        {
            throw MediaFailures.Unreachable(url.IdnHost).ToException();
        }
    }

    private void Require(HttpResponseMessage response, long? expectedBytes)
    {
        var status = (int)response.StatusCode;
        if (status != 200)
        {
            throw (status switch
            {
                401 or 403 => MediaFailures.UrlExpired(status),
                404 or 410 => MediaFailures.NotAtSource(status),
                _ => MediaFailures.SourceError(status) with { RetryAfter = RetryAfter.Of(response, time.GetUtcNow()) },
            }).ToException();
        }

        if (response.Content.Headers.ContentLength > options.Value.MaxFileBytes || expectedBytes > options.Value.MaxFileBytes)
            throw MediaFailures.TooLarge(options.Value.MaxFileBytes).ToException();
    }

    private async Task CopyAsync(HttpResponseMessage response, IncomingFile file, CancellationTokenSource stall, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                stall.CancelAfter(options.Value.StallTimeout);
                file.Write(buffer.AsSpan(0, read));
                if (file.IsLost)
                    throw MediaFailures.DiskFull.ToException();
                if (file.Bytes > options.Value.MaxFileBytes)
                    throw MediaFailures.TooLarge(options.Value.MaxFileBytes).ToException();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
