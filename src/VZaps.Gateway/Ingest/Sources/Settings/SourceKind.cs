namespace VZaps.Gateway.Ingest.Sources;

/// <summary>The names of the formats that sources speak.</summary>
internal static class SourceKind
{
    public const string Cloud = "cloud", WuzApi = "wuzapi";

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyList<string> All { get; } = [Cloud, WuzApi];

    public static bool IsKnown(string kind) => All.Contains(kind);
}
