namespace VZaps.Gateway.Media;

/// <summary>The first bytes by which kinds of files are known. Pure.</summary>
internal static class Signatures
{
    /// <summary>The content type that they are of; null where they are no signature that is known.</summary>
    public static string? Find(ReadOnlySpan<byte> head) => Picture(head) ?? Sound(head) ?? Document(head) ?? Page(head);

    /// <summary>Of a container, which types may be in it: its first bytes do not tell them apart.</summary>
    public static Func<string, bool>? ContainersOf(string found) => found switch
    {
        "video/mp4" or "video/3gpp" or "video/quicktime" or "audio/mp4" => static type =>
            type is "audio/mp4" or "audio/m4a" or "audio/x-m4a" or "audio/aac" or "video/mp4" or "video/3gpp" or "audio/3gpp" or "video/quicktime",
        "audio/ogg" => static type => type is "audio/opus" or "application/ogg" or "video/ogg",
        "video/webm" => static type => type is "audio/webm" or "video/x-matroska",
        "audio/mpeg" => static type => type is "audio/mp3" or "audio/aac",
        "audio/aac" => static type => type is "audio/mpeg" or "audio/x-aac",
        "image/jpeg" => static type => type == "image/jpg",
        "application/zip" => static type => type.StartsWith("application/", StringComparison.Ordinal),
        "application/x-ole-storage" => static type => type.StartsWith("application/", StringComparison.Ordinal),
        "application/xml" => static type => type is "text/xml" or "image/svg+xml" || type.EndsWith("+xml", StringComparison.Ordinal),
        "text/html" => static type => type == "application/xhtml+xml",
        _ => null,
    };

    private static string? Picture(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]))
            return "image/jpeg";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return "image/png";
        if (head.StartsWith("GIF8"u8))
            return "image/gif";
        if (head.StartsWith("RIFF"u8) && head.Length >= 12)
            return head[8..12].SequenceEqual("WEBP"u8) ? "image/webp" : head[8..12].SequenceEqual("WAVE"u8) ? "audio/wav" : null;
        return head.Length >= 12 && head[4..8].SequenceEqual("ftyp"u8) ? OfBrand(head[8..12]) : null;
    }

    private static string OfBrand(ReadOnlySpan<byte> brand)
    {
        if (brand.SequenceEqual("avif"u8))
            return "image/avif";
        if (brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.SequenceEqual("mif1"u8))
            return "image/heic";
        if (brand.StartsWith("M4A"u8))
            return "audio/mp4";
        return brand.StartsWith("3g"u8) ? "video/3gpp" : brand.StartsWith("qt"u8) ? "video/quicktime" : "video/mp4";
    }

    private static string? Sound(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("OggS"u8))
            return "audio/ogg";
        if (head.StartsWith("#!AMR"u8))
            return "audio/amr";
        if (head.StartsWith("ID3"u8))
            return "audio/mpeg";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1a, 0x45, 0xdf, 0xa3]))
            return "video/webm";
        if (head.Length < 2 || head[0] != 0xff)
            return null;
        // A frame of ADTS or of MPEG audio: the layer's two bits tell them apart. Layer I is nobody's, and FF FE begins a text in UTF-16.
        return (head[1] & 0xf6) == 0xf0 ? "audio/aac" : (head[1] & 0xe0) == 0xe0 && (head[1] & 0x06) is 0x02 or 0x04 ? "audio/mpeg" : null;
    }

    private static string? Document(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("%PDF-"u8))
            return "application/pdf";
        if (head.StartsWith((ReadOnlySpan<byte>)[(byte)'P', (byte)'K', 3, 4]))
            return "application/zip";
        return head.StartsWith((ReadOnlySpan<byte>)[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) ? "application/x-ole-storage" : null;
    }

    private static string? Page(ReadOnlySpan<byte> head)
    {
        Span<byte> start = stackalloc byte[16];
        var text = head.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? head[3..] : head;
        text = text.TrimStart(" \t\r\n"u8);
        text = text[..Math.Min(text.Length, start.Length)];
        for (var i = 0; i < text.Length; i++)
            start[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        ReadOnlySpan<byte> lower = start[..text.Length];
        if (lower.StartsWith("<!doctype html"u8) || lower.StartsWith("<html"u8) || lower.StartsWith("<head"u8) || lower.StartsWith("<body"u8) || lower.StartsWith("<script"u8))
            return "text/html";
        return lower.StartsWith("<?xml"u8) || lower.StartsWith("<svg"u8) || lower.StartsWith("<error"u8) ? "application/xml" : null;
    }
}
