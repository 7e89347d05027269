namespace VZaps.Packages;

/// <summary>A project that has never seen this repository takes the packages from the feed, and runs.</summary>
public sealed class FreshProjectTests(PackedFeed feed)
{
    [Theory]
    [InlineData("net10.0", "Program.txt", "fresh again")]
    [InlineData("net8.0", "Program.txt", "fresh again")]
    [InlineData("net10.0", "HalfOpen.txt", "noticed")]
    [InlineData("net8.0", "HalfOpen.txt", "noticed")]
    public async Task A_fresh_project_restores_the_packages_and_works(string framework, string program, string words)
    {
        var folder = feed.NewFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fresh", program), Path.Combine(folder, "Program.cs"));
        WriteProject(folder, framework, feed.Path);
        // Self-contained: this machine need not have the older runtime.
        var printed = await Dotnet.RunAsync(folder, "publish", "-c", "Release", "-f", framework, "--self-contained", "--use-current-runtime", "-o", "out", "--nologo");
        Assert.DoesNotContain("warning", printed, StringComparison.Ordinal);
        Assert.Equal($"{framework[3..^2]}: {words}", (await Dotnet.RunProgramAsync(folder, Path.Combine(folder, "out", "Fresh"))).Trim());
    }

    private static void WriteProject(string folder, string framework, string feedPath)
    {
        // Packages of this version may have been restored before: they must come from the feed, so into a folder of their own.
        File.WriteAllText(Path.Combine(folder, "Fresh.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>{framework}</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
                <RestorePackagesPath>packages</RestorePackagesPath>
                <RestoreFallbackFolders>$(NuGetPackageRoot)</RestoreFallbackFolders>
                <RestoreAdditionalProjectSources>{feedPath}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="VZaps.Client.Testing" Version="0.1.0" />
              </ItemGroup>
            </Project>
            """);
    }
}
