using System.Text.Json;
using VZaps.Protocol.Http;

namespace VZaps.Cli.Gateways;

/// <summary>From a refusal to the exception that says what it means.</summary>
internal static class ApiRefusal
{
    private const int MaxMessageLength = 500;

    // A server that says 'come back next year' has made a mistake.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    public static VZapsException Of(HttpResponseMessage answer, byte[] body, string name, ReadOnlySpan<string?> secrets)
    {
        var (status, error) = ((int)answer.StatusCode, Read(body));
        var text = $"{name} was refused with {status}{(error?.Error is { } code ? $" {code}" : "")}"
            + (error?.Message is { Length: > 0 } message ? $": {Mask(message, secrets)}" : ", without an explanation.");
        return status == 401
            ? new VZapsAuthenticationException(text) { ErrorCode = error?.Error }
            : new VZapsApiException(text)
            {
                StatusCode = status,
                ErrorCode = error?.Error,
                Index = error?.Index,
                RetryAfter = RetryAfterOf(answer),
            };
    }

    private static ErrorAnswer? Read(byte[] body)
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

    // What a server (or a proxy before it) writes may repeat what it was sent.
    private static string Mask(string message, ReadOnlySpan<string?> secrets)
    {
        foreach (var secret in secrets)
        {
            if (!string.IsNullOrEmpty(secret))
                message = message.Replace(secret, "***", StringComparison.Ordinal);
        }

        return message.Length <= MaxMessageLength ? message : string.Concat(message.AsSpan(0, MaxMessageLength), "…");
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage answer)
    {
        var header = answer.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        return wait is { } given ? TimeSpan.FromTicks(Math.Clamp(given.Ticks, 0, LongestWait.Ticks)) : null;
    }
}
