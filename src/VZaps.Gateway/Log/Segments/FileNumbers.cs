using System.Globalization;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The numbers that the names of the log's files have, whatever they hold; a folder may have other files beside them.</summary>
internal static class FileNumbers
{
    private static readonly string[] Suffixes =
    [
        SegmentFile.Suffix, SegmentFile.Suffix + NextFile.Suffix, SegmentFile.Suffix + DamagedFiles.ReplacementSuffix, SegmentFile.Suffix + GoneFiles.Suffix,
        KeyFiles.Suffix, KeyFiles.UnfinishedSuffix,
    ];

    /// <summary>The highest of them; 0 where there is none. One that was given out is not given out again while a file of it is there.</summary>
    /// <exception cref="EventLogCorruptException">It is one that the log does not give out.</exception>
    public static long Highest(IEnumerable<string> names)
    {
        var (highest, name) = names.Select(name => (NumberIn(name), name)).DefaultIfEmpty().MaxBy(one => one.Item1);
        return highest < SegmentFile.MostNumber ? highest : throw new EventLogCorruptException(
            $"{name} is in the log's folder, and the log gives no file a number of {SegmentFile.MostNumber} or more. Take it out of the folder.");
    }

    /// <summary>The number in the name of one of the log's files; 0 where it is none.</summary>
    public static long NumberIn(string name)
    {
        var end = name.IndexOf('.');
        if (end <= 0 || !long.TryParse(name.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return 0;
        var isOwn = name[..end] == SegmentFile.DigitsOf(number) && (Suffixes.Contains(name[end..]) || IsDamaged(name[end..]));
        return isOwn ? number : 0;
    }

    /// <summary>More than one file of a number may have been set aside.</summary>
    private static bool IsDamaged(string suffix)
    {
        const string damaged = SegmentFile.Suffix + DamagedFiles.Suffix;
        if (!suffix.StartsWith(damaged, StringComparison.Ordinal))
            return false;
        var rest = suffix[damaged.Length..];
        return rest.Length == 0 || (rest[0] == '.' && int.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }
}
