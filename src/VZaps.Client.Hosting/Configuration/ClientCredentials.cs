namespace VZaps.Client.Hosting.Configuration;

/// <summary>Whether a host has a client that may call the gateway; one that only takes webhooks need not.</summary>
internal static class ClientCredentials
{
    public static bool HasCredentials(this VZapsClientOptions options) => options is not { ClientToken: "", ClientSecret: "", GetTokenAsync: null };
}
