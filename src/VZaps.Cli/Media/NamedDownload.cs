namespace VZaps.Cli.Media;

/// <summary>A download under the name that a file's sender gave it, into a folder that may have others of that name: none is written over.</summary>
internal static class NamedDownload
{
    /// <summary>Downloads it; what there is of it meanwhile has the file's id in its name, so that it is nobody else's.</summary>
    /// <param name="item">The file, with its link.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="cancellationToken">Breaks it off; what came so far stays for the next call.</param>
    /// <returns>The name.</returns>
    /// <exception cref="IOException">A file of that name is there.</exception>
    public static async Task<string> RunAsync(MediaItem item, string folder, CancellationToken cancellationToken)
    {
        // The gateway's word, and a path is made of it.
        if (item.Id.Length is 0 or > 64 || !item.Id.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw new VZapsException("The gateway gave the file an id that is none.");
        var name = DiskName.Of(item.FileName, item.Id);
        var (path, whole) = (Path.Combine(folder, name), Path.Combine(folder, item.Id + ".download"));
        if (Path.Exists(path))
            throw IsThere(name);
        await item.File!.DownloadAsync(whole, cancellationToken: cancellationToken);
        try
        {
            File.Move(whole, path, overwrite: false);
        }
        catch (IOException) when (Path.Exists(path))
        {
            File.Delete(whole);
            throw IsThere(name);
        }

        return name;
    }

    private static IOException IsThere(string name) => new($"{name} is there already, and is not written over; give --output.");
}
