namespace VZaps.Gateway.Log.Segments;

/// <summary>The disk, or the quota of the account that the gateway runs under, has no room: the one failure of a disk that mends itself.</summary>
internal sealed class LogDiskFullException(string message, Exception? innerException = null) : IOException(message, innerException)
{
    private const int NoSpace = 28; // ENOSPC
    private const int LinuxQuota = 122, AppleQuota = 69; // EDQUOT
    private const int WindowsHandleFull = unchecked((int)0x80070027), WindowsFull = unchecked((int)0x80070070), WindowsQuota = unchecked((int)0x8007050F);

    /// <summary>Whether a failure says that there is no room; its code is the system's, as its text is the system's language.</summary>
    public static bool IsMeantBy(IOException failure) => OperatingSystem.IsWindows()
        ? failure.HResult is WindowsHandleFull or WindowsFull or WindowsQuota
        : failure.HResult == NoSpace || failure.HResult == (OperatingSystem.IsLinux() ? LinuxQuota : AppleQuota);
}
