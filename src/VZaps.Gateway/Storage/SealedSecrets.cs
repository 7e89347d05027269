using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace VZaps.Gateway.Storage;

/// <summary>Keeps out of the database as they are the secrets that signatures need, so that they cannot be hashed. Thread-safe.</summary>
internal sealed partial class SealedSecrets(IDataProtectionProvider protection, ILogger<SealedSecrets> logger)
{
    private readonly IDataProtector _protector = protection.CreateProtector("secrets of sources");

    /// <summary>A secret as the database keeps it.</summary>
    public byte[] Seal(byte[] secret) => _protector.Protect(secret);

    /// <summary>A secret that the database kept; null where it cannot be read, which is logged.</summary>
    public byte[]? Open(byte[] kept)
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

    [LoggerMessage(1401, LogLevel.Error, "A secret of the database could not be read: the files in keys/ of the data folder are not those it was written with. Restore keys/ from the "
        + "backup that the database is of. Until then the sender of a source whose secret it is, is refused (or set the source again), and a file whose URL it is, is not fetched.")]
    private static partial void LogUnreadable(ILogger logger, Exception exception);
}
