using System.Security.Cryptography;

namespace VZaps.Gateway.Webhooks;

/// <summary>A signing secret: <c>whsec_</c> and the base64 of its key.</summary>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";

    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    /// <param name="key">What signs; null where it cannot be read.</param>
    /// <param name="kept">As the database keeps it; null where it does not yet.</param>
    public WebhookSecret(byte[]? key, byte[]? kept = null) => (Key, Kept) = (key, kept);

    /// <summary>What signs; null where it cannot be read, and then nothing may be signed in its place.</summary>
    public byte[]? Key { get; }

    /// <summary>As the database keeps it: what could not be read is written back as it was, for the day on which it can.</summary>
    public byte[]? Kept { get; }

    public bool IsReadable => Key is not null;

    /// <summary>A new random one.</summary>
    public static WebhookSecret New() => new(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>The text that its owner is given; null where it cannot be read.</summary>
    public string? Reveal() => Key is { } key ? Prefix + Convert.ToBase64String(key) : null;

    public override string ToString() => Prefix + "…";
}
