using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VZaps.Protocol;

/// <summary>The parts of the frames that a client sends: texts as JSON and times as whole milliseconds, in UTF-8.</summary>
internal static class ClientFrameText
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>A text, escaped and without its quotes. Half of a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD.</summary>
    public static ReadOnlySpan<byte> Escape(string text) => JsonEncodedText.Encode(Encoding.UTF8.GetBytes(text)).EncodedUtf8Bytes;

    /// <summary>The same, into a buffer.</summary>
    public static void WriteEscaped(string text, IBufferWriter<byte> to)
    {
        // As all ids of the contract: nothing in it is escaped.
        if (text.AsSpan().ContainsAnyExcept(Plain))
            to.Write(Escape(text));
        else
            to.Advance(Encoding.ASCII.GetBytes(text, to.GetSpan(text.Length)));
    }

    /// <summary>No fewer than the bytes that <see cref="WriteEscaped"/> writes.</summary>
    public static int MaxEscapedLength(string text) => text.AsSpan().ContainsAnyExcept(Plain) ? Escape(text).Length : text.Length;

    /// <summary>Whole milliseconds between 0 and <see cref="ExtensionProtocol.LongestDelay"/>.</summary>
    public static byte[] Milliseconds(TimeSpan time)
    {
        var bounded = Math.Clamp(time.TotalMilliseconds, 0, ExtensionProtocol.LongestDelay.TotalMilliseconds);
        return Encoding.ASCII.GetBytes(((long)bounded).ToString(CultureInfo.InvariantCulture));
    }
}
