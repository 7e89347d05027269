namespace VZaps.Packages;

/// <summary>A project that has never seen this repository takes the packages from the feed, and runs.</summary>
public sealed class FreshProjectTests(PackedFeed feed)
{
    [Theory]
    [InlineData("net10.0")]
    [InlineData("net8.0")]
    public Task A_fresh_project_restores_the_packages_and_works(string framework) =>
        RunAsync("Program", "Microsoft.NET.Sdk", framework, "fresh again", "VZaps.Client.Testing");

    [Theory]
    [InlineData("net10.0")]
    [InlineData("net8.0")]
    public Task A_fresh_project_notices_a_half_open_line(string framework) =>
        RunAsync("HalfOpen", "Microsoft.NET.Sdk", framework, "noticed", "VZaps.Client.Testing");

    [Theory]
    [InlineData("net10.0")]
    [InlineData("net8.0")]
    public Task A_fresh_web_application_restores_the_packages_and_takes_webhooks(string framework) =>
        RunAsync("Web", "Microsoft.NET.Sdk.Web", framework, "fresh 200 401", "VZaps.Client.AspNetCore", "VZaps.Client.Testing");

    private async Task RunAsync(string program, string sdk, string framework, string expected, params string[] packages)
    {
        var folder = feed.NewFolder();
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fresh", program + ".txt"), Path.Combine(folder, "Program.cs"));
        WriteProject(folder, sdk, framework, feed.Path, packages);
        // Self-contained: this machine need not have the older runtime.
        var printed = await Dotnet.RunAsync(folder, "publish", "-c", "Release", "-f", framework, "--self-contained", "--use-current-runtime", "-o", "out", "--nologo");
        Assert.DoesNotContain("warning", printed, StringComparison.Ordinal);
        Assert.Equal($"{framework[3..^2]}: {expected}", (await Dotnet.RunProgramAsync(folder, Path.Combine(folder, "out", "Fresh"))).Trim());
    }

    private static void WriteProject(string folder, string sdk, string framework, string feedPath, string[] packages)
    {
        // Packages of this version may have been restored before: they must come from the feed, so into a folder of their own.
        File.WriteAllText(Path.Combine(folder, "Fresh.csproj"), $"""
            <Project Sdk="{sdk}">
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
                {string.Join('\n', packages.Select(package => $"<PackageReference Include=\"{package}\" Version=\"0.1.0\" />"))}
              </ItemGroup>
            </Project>
            """);
    }
}
