namespace VZaps.Client.Tests.Media;

/// <summary>A folder of a test, gone with it.</summary>
internal sealed class Folder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-media-");

    public string File => Path.Combine(_folder.FullName, "a.pdf");

    public string Part => File + ".part";

    /// <summary>The names of what is in it.</summary>
    public IEnumerable<string> Names => _folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal);

    public void Dispose() => _folder.Delete(recursive: true);
}
