using System.ComponentModel;
using System.Runtime.InteropServices;

namespace VZaps.Gateway.Storage;

/// <summary>Puts the names in a folder on the disk: a file that was moved into it is found there after a power cut.</summary>
internal static partial class FolderFlush
{
    /// <exception cref="IOException">The folder could not be opened or flushed.</exception>
    public static void Run(string folder)
    {
        if (OperatingSystem.IsWindows())
            return; // NTFS journals names by itself, and has no flush of a folder
        var descriptor = OpenFolder(folder, 0);
        if (descriptor < 0)
            throw Failure(folder, "open");
        try
        {
            if (FlushDescriptor(descriptor) != 0)
                throw Failure(folder, "flush");
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    private static IOException Failure(string folder, string what)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"Could not {what} the folder '{folder}': {error.Message}.", error.NativeErrorCode);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseDescriptor(int descriptor);
}
