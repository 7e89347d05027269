namespace VZaps.Gateway.Media;

/// <summary>By which way a file came; the names of the wire and of metrics.</summary>
internal static class MediaSource
{
    public const string Cloud = "cloud", WuzApi = "wuzapi", Publish = "publish";
}
