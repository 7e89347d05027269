namespace VZaps.Gateway.Http;

/// <summary>The one meter of the gateway; each folder has its own instruments on it.</summary>
internal static class GatewayMeter
{
    public const string Name = "VZaps.Gateway";
}
