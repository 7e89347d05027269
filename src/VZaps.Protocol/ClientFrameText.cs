using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VZaps.Protocol;

/// <summary>The parts of the frames that a client sends: texts as JSON and times as whole milliseconds, in UTF-8.</summary>
internal static class ClientFrameText
{
    /// <summary>A text, escaped and without its quotes. Half of a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD.</summary>
    public static ReadOnlySpan<byte> Escape(string text) => JsonEncodedText.Encode(Encoding.UTF8.GetBytes(text)).EncodedUtf8Bytes;

    /// <summary>Whole milliseconds between 0 and <see cref="ExtensionProtocol.LongestDelay"/>.</summary>
    public static byte[] Milliseconds(TimeSpan time)
    {
        var bounded = Math.Clamp(time.TotalMilliseconds, 0, ExtensionProtocol.LongestDelay.TotalMilliseconds);
        return Encoding.ASCII.GetBytes(((long)bounded).ToString(CultureInfo.InvariantCulture));
    }
}
