namespace VZaps.Packages;

/// <summary>Where this test was built.</summary>
internal static class Repository
{
    // …/tests/VZaps.Packages/bin/Release/net10.0
    private static readonly DirectoryInfo Here = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    public static string Root => Here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>Debug or Release.</summary>
    public static string Configuration => Here.Parent!.Name;
}
