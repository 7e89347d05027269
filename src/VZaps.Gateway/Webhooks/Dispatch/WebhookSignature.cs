using System.Security.Cryptography;
using System.Text;

namespace VZaps.Gateway.Webhooks;

/// <summary>Signs posts as Standard Webhooks has it: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
internal static class WebhookSignature
{
    /// <summary>The signatures of all secrets that hold, space-separated; the current one's first.</summary>
    /// <param name="secrets">The keys: the decoded part behind <c>whsec_</c>.</param>
    /// <param name="id">The event id.</param>
    /// <param name="timestamp">Seconds since 1970.</param>
    /// <param name="body">The bytes of the body.</param>
    public static string Of(IReadOnlyList<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var signed = Encoding.ASCII.GetBytes($"{id}.{timestamp}.");
        var text = new StringBuilder();
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
            hmac.AppendData(signed);
            hmac.AppendData(body);
            hmac.GetHashAndReset(hash);
            text.Append(text.Length == 0 ? "" : " ").Append("v1,").Append(Convert.ToBase64String(hash));
        }

        return text.ToString();
    }
}
