using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace VZaps.Gateway.Webhooks;

/// <summary>Keeps signing secrets out of the database as they are: signing needs them, so they cannot be hashed. Thread-safe.</summary>
internal sealed partial class EndpointSecrets(IDataProtectionProvider protection, ILogger<EndpointSecrets> logger)
{
    private readonly IDataProtector _protector = protection.CreateProtector("webhook secrets");

    /// <summary>A secret as the database keeps it.</summary>
    public byte[] Seal(WebhookSecret secret) => _protector.Protect(secret.Key);

    /// <summary>A secret that the database kept.</summary>
    public WebhookSecret Open(byte[] kept)
    {
        try
        {
            return new WebhookSecret(_protector.Unprotect(kept));
        }
        catch (CryptographicException exception)
        {
            // Not the end of the gateway: the receiver refuses what it cannot verify, and the deliveries wait for it to be told the new one.
            LogUnreadable(logger, exception);
            return WebhookSecret.New();
        }
    }

    [LoggerMessage(2401, LogLevel.Error, "A webhook secret could not be read: the files in keys/ of the data folder are not those it was written with. A new one "
        + "signs from now on; restore keys/ from the backup that the database is of, or rotate the secrets of all endpoints and tell their receivers.")]
    private static partial void LogUnreadable(ILogger logger, Exception exception);
}
