using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace VZaps.Packages;

/// <summary>What is in each package that is published.</summary>
public sealed class PackageContentTests(PackedFeed feed)
{
    private static readonly string[] Frameworks = ["net8.0", "net10.0"];

    // Custom debug information of portable PDBs: the kind that holds a source file.
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    /// <summary>Every package and what it makes its users depend on. Pinned versions of what comes along anyway stand there, too.</summary>
    public static TheoryData<string, string[]> Packages => new()
    {
        { "VZaps.Protocol", [] },
        { "VZaps.Client", ["Microsoft.Extensions.Logging.Abstractions", "VZaps.Protocol"] },
        { "VZaps.Client.AspNetCore", ["VZaps.Client.Hosting"] },
        { "VZaps.Client.Hosting", ["Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Logging.Abstractions", "VZaps.Client"] },
        { "VZaps.Client.Testing", ["Microsoft.Extensions.Logging.Abstractions", "VZaps.Client"] },
    };

    [Fact]
    public void No_other_project_is_packed() => Assert.Equal(
        Packages.Select(package => package.Data.Item1).Append("VZaps.Cli").Order(StringComparer.Ordinal),
        Directory.GetFiles(feed.Path, "*.nupkg").Select(file => Path.GetFileName(file).Split(".0.1.0")[0]).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_has_its_library_and_its_docs_for_each_framework_and_a_readme(string id, string[] dependencies)
    {
        using var package = feed.OpenPackage(id);
        foreach (var framework in Frameworks)
        {
            Assert.NotNull(package.GetEntry($"lib/{framework}/{id}.dll"));
            Assert.NotNull(package.GetEntry($"lib/{framework}/{id}.xml"));
        }

        using var readme = new StreamReader(package.GetEntry("README.md")!.Open());
        Assert.StartsWith($"# {id}", readme.ReadToEnd(), StringComparison.Ordinal);
        Assert.All(DependenciesByFramework(package, id), found => Assert.Equal(dependencies, found));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Its_symbols_have_the_sources(string id, string[] _)
    {
        using var symbols = feed.OpenSymbols(id);
        foreach (var framework in Frameworks)
        {
            using var content = new MemoryStream();
            using (var entry = symbols.GetEntry($"lib/{framework}/{id}.pdb")!.Open())
                entry.CopyTo(content);
            content.Position = 0;
            using var provider = MetadataReaderProvider.FromPortablePdbStream(content);
            var pdb = provider.GetMetadataReader();
            var ownDocuments = pdb.Documents.Where(document => pdb.GetString(pdb.GetDocument(document).Name).EndsWith(".cs", StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(ownDocuments);
            Assert.All(ownDocuments, document => Assert.Contains(pdb.GetCustomDebugInformation(document), info =>
                pdb.GetGuid(pdb.GetCustomDebugInformation(info).Kind) == EmbeddedSource));
        }
    }

    private static IEnumerable<string[]> DependenciesByFramework(ZipArchive package, string id)
    {
        using var nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        var document = XDocument.Load(nuspec);
        var ns = document.Root!.Name.Namespace;
        var groups = document.Descendants(ns + "dependencies").Elements(ns + "group").ToList();
        Assert.Equal(Frameworks.Length, groups.Count);
        return groups.Select(group => group.Elements(ns + "dependency").Select(dependency => (string)dependency.Attribute("id")!).Order(StringComparer.Ordinal).ToArray());
    }
}
