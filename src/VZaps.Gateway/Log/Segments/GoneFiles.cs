namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Files of the log that have gone and could not be deleted, as where another program has them open. A note beside each, an empty file, says so:
/// without it a start would take the file for one of the log's, and find that those behind it are missing.
/// </summary>
internal sealed partial class GoneFiles(ILogFiles files, ILogger logger)
{
    public const string Suffix = ".gone";

    /// <summary>Notes that a file has gone, durably; false where that could not be.</summary>
    public bool TryNote(string name)
    {
        try
        {
            files.Create(name + Suffix, 0).Dispose();
            files.FlushFolder();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The file has been deleted, durably.</summary>
    public void Forget(string name) => TryDelete(name + Suffix);

    /// <summary>Tries at a start to delete them.</summary>
    public void DeleteLeftOvers()
    {
        var names = files.List().ToHashSet(StringComparer.Ordinal);
        foreach (var name in Among(names))
        {
            if (names.Contains(name) && !TryDelete(name))
                LogStillThere(logger, name);
            else
                Forget(name);
        }
    }

    /// <summary>The files that have gone, whether or not they are still there.</summary>
    public static HashSet<string> Among(IEnumerable<string> names) => [.. names
        .Where(name => name.EndsWith(Suffix, StringComparison.Ordinal)).Select(name => name[..^Suffix.Length])
        .Where(name => SegmentFile.TryParseName(name, out _))];

    private bool TryDelete(string name)
    {
        try
        {
            files.Delete(name);
            files.FlushFolder(); // or a power cut could bring the file back without its note
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(2017, LogLevel.Warning, "{File} has gone from the log, and could not be deleted; the next start tries again. Look at its permissions, and at who has it open, or delete it.")]
    private static partial void LogStillThere(ILogger logger, string file);
}
