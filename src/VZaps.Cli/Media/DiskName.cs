using System.Text;

namespace VZaps.Cli.Media;

/// <summary>A file's name on a disk, made of what its sender said, which is somebody else's word.</summary>
internal static class DiskName
{
    /// <summary>Of UTF-8: file systems of Linux take 255.</summary>
    public const int MaxBytes = 250;

    /// <summary>As much of a name is its ending, at most.</summary>
    private const int MaxEndingBytes = 32;

    /// <summary>The name without a folder, not hidden, and no longer than disks take; the id where nothing is left, or what would mean something else.</summary>
    public static string Of(string? given, string id)
    {
        var name = Path.GetFileName((given ?? "").Replace('\\', '/')).TrimStart('.', ' ').TrimEnd('.', ' ');
        return name.Length == 0 || name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || name.Any(char.IsControl) || IsDevice(name) ? id : Cut(name);
    }

    /// <summary>Whether Windows opens a device under that name, whatever its ending.</summary>
    private static bool IsDevice(string name) => name.Split('.')[0].TrimEnd().ToUpperInvariant() switch
    {
        "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$" => true,
        ['C', 'O', 'M', (>= '0' and <= '9') or '¹' or '²' or '³'] or ['L', 'P', 'T', (>= '0' and <= '9') or '¹' or '²' or '³'] => true,
        _ => false,
    };

    private static string Cut(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaxBytes)
            return name;
        var ending = Path.GetExtension(name);
        if (Encoding.UTF8.GetByteCount(ending) > MaxEndingBytes)
            ending = "";
        var (stem, left) = (new StringBuilder(), MaxBytes - Encoding.UTF8.GetByteCount(ending));
        foreach (var rune in name.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
                break;
            stem.Append(rune.ToString());
        }

        return stem.Append(ending).ToString();
    }
}
