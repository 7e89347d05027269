using System.Security.Cryptography;

namespace VZaps.Gateway.Media;

/// <summary>A SHA-256 as senders write it: in hex or in base64.</summary>
internal static class ExpectedHash
{
    /// <summary>64 lower-case hex digits; null for what is no SHA-256, as for the samples and shorter hashes that have been seen.</summary>
    public static string? Read(string? text)
    {
        if (text is null)
            return null;
        var lower = text.ToLowerInvariant();
        if (FileReference.IsHash(lower))
            return lower;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes + 3];
        return Convert.TryFromBase64String(text, hash, out var length) && length == SHA256.HashSizeInBytes ? Convert.ToHexStringLower(hash[..length]) : null;
    }
}
