using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Media;

/// <summary>Asks the Graph API where a file of the Cloud API is. Thread-safe.</summary>
internal sealed class GraphApi(GuardedGet get, IOptions<MediaOptions> options, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 * 1024;

    // The code that the Graph API gives for an access token that is none, or is no longer.
    private const int TokenCode = 190;

    /// <summary>A URL for a file, good for five minutes, to be got with the same token.</summary>
    /// <exception cref="MediaFailedException">It does not know the file, does not take the token, or is not itself.</exception>
    public async Task<GraphFile> FindAsync(string id, string token, CancellationToken cancellationToken)
    {
        using var stall = new CancellationTokenSource(options.Value.StallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, cancellationToken);
        try
        {
            return await AskAsync(id, token, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw MediaFailures.Stalled(options.Value.StallTimeout).ToException();
        }
    }

    private async Task<GraphFile> AskAsync(string id, string token, CancellationToken cancellationToken)
    {
        using var response = await get.GetAsync(new Uri($"{options.Value.GraphUrl.TrimEnd('/')}/{id}"), token, cancellationToken);
        var answer = await ReadAsync(response, cancellationToken);
        var status = (int)response.StatusCode;
        if (status is >= 200 and < 300)
            return FileOf(answer);
        throw (status switch
        {
            401 or 403 => MediaFailures.TokenRejected,
            400 when CodeOf(answer) == TokenCode => MediaFailures.TokenRejected,
            400 or 404 => MediaFailures.NoSuchCloudId,
            _ => MediaFailures.SourceError(status) with { RetryAfter = response.Headers.RetryAfter?.Delta },
        }).ToException();
    }

    private static GraphFile FileOf(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || Text(answer, "url") is not { } url)
            throw MediaFailures.NotUnderstood.ToException();
        // A text, and sometimes a number.
        var size = long.TryParse(Text(answer, "file_size"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : (long?)null;
        return new GraphFile(GuardedGet.Parse(url), size, ExpectedHash.Read(Text(answer, "sha256")));
    }

    private static int? CodeOf(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            && int.TryParse(Text(error, "code"), CultureInfo.InvariantCulture, out var code)
            ? code
            : null;

    private static string? Text(JsonElement element, string name) => !element.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (buffer, length) = (new byte[MaxAnswerBytes], 0);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
                length += read;
            return JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, length));
        }
        catch (JsonException)
        {
            return default;
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw MediaFailures.Unreachable(response.RequestMessage!.RequestUri!.IdnHost).ToException();
        }
    }
}

/// <summary>Where a file of the Cloud API is.</summary>
/// <param name="Url">Its URL.</param>
/// <param name="Size">Its bytes; null where that is not said.</param>
/// <param name="Sha256">Its hash; null where that is not said.</param>
internal readonly record struct GraphFile(Uri Url, long? Size, string? Sha256);
