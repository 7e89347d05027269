namespace VZaps.Gateway.Media;

/// <summary>Who knows the access tokens of Cloud API sources.</summary>
internal interface IMediaTokens
{
    /// <summary>The token of an instance's source; null where none is set.</summary>
    string? TokenOf(InstanceId instance);
}
