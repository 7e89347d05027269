namespace VZaps.Gateway.Log.Segments;

/// <summary>Checks the files of a log that nobody has open; writes nothing.</summary>
internal static class LogVerification
{
    /// <summary>Checks one file after the other, in the order of the log.</summary>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static IEnumerable<LogFileVerdict> Run(ILogFiles files)
    {
        var names = files.List().Order(StringComparer.Ordinal).ToList();
        var newest = new Dictionary<InstanceKey, long>();
        var followsDamage = false;
        var gone = GoneFiles.Among(names);
        var last = names.Where(name => SegmentFile.TryParseName(name, out _)).LastOrDefault();
        foreach (var name in names)
        {
            var isSegment = SegmentFile.TryParseName(name, out var number) && !gone.Contains(name);
            if (isSegment || KeyFiles.TryParseName(name, out number))
            {
                using var file = files.Open(name);
                var verdict = new FileVerification(name, SegmentScan.ReadAll(file), number, isLast: name == last, newest, followsDamage).Run();
                followsDamage = verdict.Damage.Count > 0;
                yield return verdict;
            }
            else
            {
                using var file = files.Open(name);
                yield return new LogFileVerdict(name, file.Length, 0, 0, [], [gone.Contains(name) ? "has gone, and could not be deleted; not checked" : NoteOn(name)]);
            }
        }
    }

    private static string NoteOn(string name) => FileNumbers.NumberIn(name) == 0 ? "no file of the log's; not checked"
        : name.Contains(DamagedFiles.Suffix, StringComparison.Ordinal) ? "a damaged file that was set aside; not checked"
        : name.EndsWith(GoneFiles.Suffix, StringComparison.Ordinal) ? "says that a file has gone which could not be deleted"
        : "left by a stop in the middle of something; the next start clears it up";
}
