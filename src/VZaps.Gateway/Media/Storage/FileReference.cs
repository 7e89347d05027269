using System.Globalization;

namespace VZaps.Gateway.Media;

/// <summary>What stands in a body in place of a file that was taken out of it.</summary>
/// <param name="Sha256">The hash of the file's bytes, by which it is kept: 64 hex digits.</param>
/// <param name="Bytes">Its size.</param>
internal readonly record struct FileReference(string Sha256, long Bytes)
{
    private const string Prefix = "file:";
    private const int HashLength = 64;

    /// <summary>Reads one; null for what is none. No base64 looks like it: that has no colon.</summary>
    public static FileReference? Parse(string? text)
    {
        if (text is null || text.Length < Prefix.Length + HashLength + 2 || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + HashLength] != ':')
            return null;
        var hash = text.Substring(Prefix.Length, HashLength);
        return IsHash(hash) && long.TryParse(text.AsSpan(Prefix.Length + HashLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? new FileReference(hash, bytes)
            : null;
    }

    /// <summary>Whether a text is a hash as files are kept by it: 64 lower-case hex digits.</summary>
    public static bool IsHash(string? text) => text is { Length: HashLength } && text.All(char.IsAsciiHexDigitLower);

    public override string ToString() => $"{Prefix}{Sha256}:{Bytes.ToString(CultureInfo.InvariantCulture)}";
}
