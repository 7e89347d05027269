using System.Net.Http.Headers;
using System.Text.Json;
using VZaps.Protocol.Http;

namespace VZaps.Client.Http;

/// <summary>An HTTP answer that says no: its status, what the server explained, and when to come back.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">The JSON body, where it was one.</param>
/// <param name="RetryAfter">From the header of that name, never negative and at most an hour.</param>
internal sealed record Refusal(int Status, ErrorAnswer? Error, TimeSpan? RetryAfter)
{
    /// <summary>As much of a body as is read for its explanation.</summary>
    private const int MaxBodyBytes = 16 * 1024;

    // A server that says 'come back next year' has made a mistake.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public string Explanation(params ReadOnlySpan<string?> secrets) => $"{Status}{Said(secrets)}";

    /// <summary>The same with the server's code, for those that have a table of codes to look at.</summary>
    public string CodedExplanation(params ReadOnlySpan<string?> secrets) =>
        Error?.Error is { Length: > 0 } code ? $"{Status} {SecretMask.Apply(code, secrets)}{Said(secrets)}" : Explanation(secrets);

    private string Said(ReadOnlySpan<string?> secrets) => Error?.Message is { Length: > 0 } message ? $": {SecretMask.Apply(message, secrets)}" : ", without an explanation";

    public static async Task<Refusal> ReadAsync(HttpResponseMessage answer, TimeProvider time, CancellationToken cancellationToken)
    {
        var retryAfter = ReadRetryAfter(answer.Headers.RetryAfter, time.GetUtcNow());
        var body = await ReadBodyAsync(answer.Content, cancellationToken).ConfigureAwait(false);
        return new Refusal((int)answer.StatusCode, ReadError(body), retryAfter);
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBodyBytes];
        var length = 0;
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
                length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException)
        {
            // The status says enough; the body was only its explanation.
        }

        return buffer[..length];
    }

    private static ErrorAnswer? ReadError(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ProtocolJson.Default.ErrorAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TimeSpan? ReadRetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        return wait is { } given ? TimeSpan.FromTicks(Math.Clamp(given.Ticks, 0, LongestWait.Ticks)) : null;
    }
}
