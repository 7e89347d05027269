using System.Runtime.InteropServices;

namespace VZaps.Benchmarks.LogMeasuring;

/// <summary>Has the system forget what it holds of files, so that the next read is the disk's. Linux alone; elsewhere nothing is forgotten.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Forgets the files of a folder; false where the system cannot.</summary>
    public static bool TryForget(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(file); // what is not on the disk yet cannot be forgotten
            _ = Advise((int)file.DangerousGetHandle(), 0, 0, DontNeed);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int descriptor, long offset, long length, int advice);
}
