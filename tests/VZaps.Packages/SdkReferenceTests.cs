using SdkReference;

namespace VZaps.Packages;

public sealed class SdkReferenceTests
{
    [Fact]
    public async Task The_reference_in_the_docs_is_what_the_xml_docs_say()
    {
        var written = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "sdk-reference.md"), TestContext.Current.CancellationToken);
        Assert.True(
            written == Reference.Write(),
            "docs/sdk-reference.md is stale: dotnet run -c Release --project tools/SdkReference -- docs/sdk-reference.md");
    }
}
