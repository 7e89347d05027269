using System.Buffers;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>The 64 hex digits of an HMAC-SHA256.</summary>
internal static class HexSignature
{
    /// <summary>Reads them; false where they are anything else.</summary>
    public static bool TryRead(ReadOnlySpan<char> hex, Span<byte> hash) =>
        hex.Length == hash.Length * 2 && Convert.FromHexString(hex, hash, out _, out var written) == OperationStatus.Done && written == hash.Length;
}
