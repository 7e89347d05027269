namespace VZaps.Gateway.Ingest.Sources;

/// <summary>The names of the formats that sources speak.</summary>
internal static class SourceKind
{
    public const string Cloud = "cloud", WuzApi = "wuzapi";

    public static bool IsKnown(string kind) => kind is Cloud or WuzApi;
}
