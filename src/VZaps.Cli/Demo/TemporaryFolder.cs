namespace VZaps.Cli.Demo;

/// <summary>A folder of its own, readable by its owner alone, that is gone after <see cref="Dispose"/>.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-demo-");

    public string Path => _folder.FullName;

    public void Dispose()
    {
        if (Directory.Exists(Path))
            _folder.Delete(recursive: true);
    }
}
