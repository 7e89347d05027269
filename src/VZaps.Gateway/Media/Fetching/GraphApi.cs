using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Media;

/// <summary>Asks the Graph API where a file of the Cloud API is. Thread-safe.</summary>
internal sealed class GraphApi(GuardedGet get, IOptions<MediaOptions> options, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 * 1024;

    // The code that the Graph API gives for an access token that is none, or is no longer.
    private const int TokenCode = 190;

    // "Object does not exist, cannot be loaded due to missing permissions, or does not support this operation."
    private const int ParameterCode = 100, NoObjectSubcode = 33;

    // Unknown, service, too many calls (of the app, the user, the page, the account, Cloud API), whatever status they come with: it knows the file all the same.
    private static readonly HashSet<int> PassingCodes = [1, 2, 4, 17, 32, 613, 80007, 130429];

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
        // Whom it leads to is not whom the token is for, and has no say in where that goes.
        if (!GuardedGet.IsOrigin(new Uri(options.Value.GraphUrl), response.RequestMessage!.RequestUri!))
            throw MediaFailures.NotOfGraph.ToException();
        if (status is >= 200 and < 300)
            return FileOf(answer, isSecure: response.RequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps);
        var (code, subcode, isPassing) = ErrorOf(answer);
        var failure = MediaFailures.SourceError(status) with { RetryAfter = RetryAfter.Of(response, time.GetUtcNow()) };
        if (!isPassing && (code == TokenCode || status == 401))
            failure = MediaFailures.TokenRejected;
        else if (!isPassing && ((code == ParameterCode && subcode == NoObjectSubcode) || status == 404))
            failure = MediaFailures.NoSuchCloudId;
        throw failure.ToException();
    }

    /// <summary>Reads the answer of a success.</summary>
    /// <param name="answer">It.</param>
    /// <param name="isSecure">Whether it came by https: the token does not leave by less.</param>
    /// <exception cref="MediaFailedException">It has no URL, or none that may be called.</exception>
    internal static GraphFile FileOf(JsonElement answer, bool isSecure)
    {
        if (answer.ValueKind != JsonValueKind.Object || Text(answer, "url") is not { } url)
            throw MediaFailures.NotUnderstood.ToException();
        // A text, and sometimes a number.
        var size = long.TryParse(Text(answer, "file_size"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : (long?)null;
        var parsed = FetchUrl.Parse(url);
        if (isSecure && parsed.Scheme != Uri.UriSchemeHttps)
            throw MediaFailures.BadUrl("The Graph API names a URL that is not https; the access token does not go there.").ToException();
        return new GraphFile(parsed, size, ExpectedHash.Read(Text(answer, "sha256")));
    }

    /// <summary>What an error says of itself, whatever its status; and whether it passes by itself.</summary>
    private static (int? Code, int? Subcode, bool IsPassing) ErrorOf(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object)
            return default;
        var (code, subcode) = (NumberIn(error, "code"), NumberIn(error, "error_subcode"));
        var isTransient = error.TryGetProperty("is_transient", out var transient) && transient.ValueKind == JsonValueKind.True;
        return (code, subcode, isTransient || (code is { } known && PassingCodes.Contains(known)));
    }

    private static int? NumberIn(JsonElement error, string name) =>
        int.TryParse(Text(error, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

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
