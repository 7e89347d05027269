using System.IO.Compression;

[assembly: Xunit.AssemblyFixture(typeof(VZaps.Packages.PackedFeed))]

namespace VZaps.Packages;

/// <summary>All packages of the repository, packed once for the tests into a folder that NuGet takes for a feed.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-packages-");

    /// <summary>The feed's folder.</summary>
    internal string Path => System.IO.Path.Combine(_folder.FullName, "feed");

    public async ValueTask InitializeAsync() =>
        await Dotnet.RunAsync(Repository.Root, "pack", "VZaps.slnx", "-c", Repository.Configuration, "--no-build", "--nologo", "-o", Path);

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A new empty folder that ends with the feed.</summary>
    internal string NewFolder() => _folder.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;

    internal ZipArchive OpenPackage(string id) => ZipFile.OpenRead(Single(id, "nupkg"));

    internal ZipArchive OpenSymbols(string id) => ZipFile.OpenRead(Single(id, "snupkg"));

    // A version begins with a digit: VZaps.Client is not VZaps.Client.Hosting.
    private string Single(string id, string extension) =>
        Directory.GetFiles(Path, $"{id}.*.{extension}").Single(file => char.IsAsciiDigit(System.IO.Path.GetFileName(file)[id.Length + 1]));
}
