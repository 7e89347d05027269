using System.Security.Cryptography;

namespace VZaps.Gateway.Webhooks;

/// <summary>A signing secret: <c>whsec_</c> and the base64 of its key.</summary>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";
    private const int KeyBytes = 32;

    public WebhookSecret(byte[] key) => Key = key;

    /// <summary>What signs.</summary>
    public byte[] Key { get; }

    /// <summary>A new random one.</summary>
    public static WebhookSecret New() => new(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>The text that its owner is given.</summary>
    public string Reveal() => Prefix + Convert.ToBase64String(Key);

    public override string ToString() => Prefix + "…";
}
