using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>The access tokens of Cloud API sources, for who fetches their files.</summary>
internal sealed class SourceTokens(SourceDirectory sources) : IMediaTokens
{
    public string? TokenOf(InstanceId instance) => sources.Find(instance, SourceKind.Cloud)?.AccessToken;
}
