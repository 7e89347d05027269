using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Idempotency keys: the same update of a source gives the same key whenever, and however often, it comes.</summary>
internal static class SourceKey
{
    /// <summary>The parts joined by colons; a hash of that where it would be too long for a key.</summary>
    public static string Of(params ReadOnlySpan<string?> parts)
    {
        var key = string.Join(':', parts);
        return Encoding.UTF8.GetByteCount(key) <= PublishLimits.MaxIdempotencyKeyBytes ? key : $"{parts[0]}:{Hash(Encoding.UTF8.GetBytes(key))}";
    }

    /// <summary>The hash of texts in whatever order they came.</summary>
    public static string HashOfSorted(IEnumerable<string> texts) => Hash(Encoding.UTF8.GetBytes(string.Join('\n', texts.Order(StringComparer.Ordinal))));

    /// <summary>The hash of a value as it stands in the body: a retry repeats the bytes.</summary>
    public static string HashOf(JsonElement element) => Hash(element.Raw());

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
