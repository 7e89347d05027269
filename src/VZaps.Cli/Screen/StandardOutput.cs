using System.Text;
using Microsoft.Win32.SafeHandles;

namespace VZaps.Cli.Screen;

/// <summary>
/// Standard output that says so when nobody reads it any more: the console's own stream swallows that, and what runs until it is
/// stopped would never end after <c>| head -1</c>.
/// </summary>
internal static class StandardOutput
{
    private const int Descriptor = 1;

    /// <summary>Not buffered: what was written is with the reader.</summary>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        var pipe = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!pipe.CanSeek)
            return pipe;
        // In a file it would write at a place that it keeps for itself: whoever shares the file would write over it.
        pipe.Dispose();
        return Console.OpenStandardOutput();
    }

    /// <summary>A writer over it; each write goes out at once.</summary>
    public static StreamWriter OpenText() => new(Open(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
