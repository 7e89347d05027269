using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace VZaps.Client.Auth;

/// <summary>When a JWT ends, as it says itself. It is not checked: that is the server's part, and this only saves a refusal.</summary>
internal static class JwtExpiry
{
    /// <summary>The <c>exp</c> claim; null where the text is no JWT or has none.</summary>
    public static DateTimeOffset? Read(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[1]) is not { } claims)
            return null;
        try
        {
            using var json = JsonDocument.Parse(claims);
            return json.RootElement.TryGetProperty("exp", out var exp) && exp.TryGetInt64(out var seconds) && seconds is > 0 and < 253_402_300_800
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[]? Decode(string base64Url)
    {
        var base64 = Encoding.UTF8.GetBytes(base64Url.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (base64Url.Length % 4)) % 4));
        var decoded = new byte[base64.Length];
        return Base64.DecodeFromUtf8(base64, decoded, out _, out var written) == OperationStatus.Done ? decoded[..written] : null;
    }
}
