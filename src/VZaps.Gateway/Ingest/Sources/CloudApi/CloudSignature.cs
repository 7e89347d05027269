using System.Security.Cryptography;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>The signature of a body: HMAC-SHA256 of its bytes as they came.</summary>
internal static class CloudSignature
{
    public const string Header = "X-Hub-Signature-256";

    private const string Prefix = "sha256=";

    /// <summary>Whether the header signs the body, in constant time.</summary>
    public static bool IsRight(string? header, ReadOnlySpan<byte> body, byte[] appSecret)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        if (header is null || !header.StartsWith(Prefix, StringComparison.Ordinal) || !HexSignature.TryRead(header.AsSpan(Prefix.Length), given))
            return false;
        Span<byte> right = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(appSecret, body, right);
        return CryptographicOperations.FixedTimeEquals(given, right);
    }
}
