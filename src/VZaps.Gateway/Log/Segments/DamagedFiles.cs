namespace VZaps.Gateway.Log.Segments;

/// <summary>Sets damaged files aside, each with what takes its place: a crash at any moment loses neither.</summary>
internal sealed class DamagedFiles(ILogFiles files)
{
    public const string Suffix = ".damaged";
    public const string ReplacementSuffix = ".sound";

    /// <summary>Goes on where a crash ended <see cref="Replace"/>.</summary>
    public void FinishReplacing()
    {
        var names = files.List().ToHashSet(StringComparer.Ordinal);
        foreach (var replacement in names.Where(name => name.EndsWith(ReplacementSuffix, StringComparison.Ordinal)))
        {
            var name = replacement[..^ReplacementSuffix.Length];
            // As long as the damaged file has its name, it is not certain that the other one is whole.
            if (names.Contains(name))
                files.Delete(replacement);
            else
                files.Rename(replacement, name);
            files.FlushFolder();
        }
    }

    /// <summary>Keeps the file under another name, and puts one of these bytes in its place; none where they are a header at most.</summary>
    /// <returns>The other name.</returns>
    public string Replace(long number, ReadOnlySpan<byte> sound)
    {
        var name = SegmentFile.NameOf(number);
        var replaces = sound.Length > FileHeader.Length;
        if (replaces)
        {
            using var replacement = files.Create(name + ReplacementSuffix, sound.Length);
            replacement.Write(sound, 0);
            replacement.Flush();
            files.FlushFolder();
        }

        var aside = FreeName(name + Suffix);
        files.Rename(name, aside);
        if (replaces)
        {
            files.FlushFolder();
            files.Rename(name + ReplacementSuffix, name);
        }

        files.FlushFolder();
        return aside;
    }

    private string FreeName(string wanted)
    {
        var names = files.List();
        var name = wanted;
        for (var i = 2; names.Contains(name); i++)
            name = $"{wanted}.{i}";
        return name;
    }
}
