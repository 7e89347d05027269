using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace VZaps.Gateway.Webhooks;

/// <summary>Keeps signing secrets out of the database as they are: signing needs them, so they cannot be hashed. Thread-safe.</summary>
internal sealed partial class EndpointSecrets(IDataProtectionProvider protection, ILogger<EndpointSecrets> logger)
{
    private readonly IDataProtector _protector = protection.CreateProtector("webhook secrets");

    /// <summary>A secret as the database keeps it.</summary>
    public byte[] Seal(WebhookSecret secret) => secret.Kept ?? _protector.Protect(secret.Key!);

    /// <summary>Those before it as the database keeps them; null for none.</summary>
    public byte[]? Seal(PreviousSecrets secrets) => secrets.IsNone ? null : secrets.Kept ?? _protector.Protect(secrets.Write());

    /// <summary>A secret that the database kept. One that cannot be read is not the end of the gateway: nothing is posted there, and the deliveries wait for the keys, or for another secret.</summary>
    public WebhookSecret Open(byte[] kept) => new(TryUnprotect(kept), kept);

    /// <summary>Those before it that the database kept.</summary>
    public PreviousSecrets OpenPrevious(byte[]? kept)
    {
        if (kept is null)
            return PreviousSecrets.None;
        return TryUnprotect(kept) is { } bytes ? PreviousSecrets.Read(bytes, kept) : PreviousSecrets.Unreadable(kept);
    }

    private byte[]? TryUnprotect(byte[] kept)
    {
        try
        {
            return _protector.Unprotect(kept);
        }
        catch (CryptographicException exception)
        {
            LogUnreadable(logger, exception);
            return null;
        }
    }

    [LoggerMessage(2401, LogLevel.Error, "A webhook secret could not be read: the files in keys/ of the data folder are not those it was written with. Its "
        + "endpoint is posted nothing; restore keys/ from the backup that the database is of and start again, or rotate the endpoint's secret and tell its receiver.")]
    private static partial void LogUnreadable(ILogger logger, Exception exception);
}
