using System.Diagnostics;

namespace VZaps.EndToEnd.Disks;

/// <summary>A file system of its own, small enough to be filled, where the account of the tests may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int NoSpace = 28;
    private readonly string _folder;
    private readonly string _ballast;

    private SmallDisk(string folder)
    {
        _folder = folder;
        _ballast = Path.Combine(folder, "ballast");
    }

    /// <summary>Mounts one on an empty folder; null where that is not allowed.</summary>
    public static SmallDisk? TryMount(string folder, int mebibytes) =>
        OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m,mode=0777", "tmpfs", folder) ? new SmallDisk(folder) : null;

    /// <summary>Takes all the room that is left, to the last block.</summary>
    public void Fill()
    {
        using var ballast = File.OpenHandle(_ballast, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        var end = RandomAccess.GetLength(ballast);
        for (var block = new byte[1 << 20]; block.Length > 0;)
        {
            try
            {
                RandomAccess.Write(ballast, block, end);
                end += block.Length;
            }
            catch (IOException full) when (full.HResult == NoSpace)
            {
                block = new byte[block.Length / 2];
            }
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(_ballast);

    // Lazily: a process that is being killed may hold a file for a moment longer.
    public void Dispose() => Run("umount", "-l", _folder);

    /// <summary>Runs a program as root: at once, or by a right that needs no password.</summary>
    private static bool Run(params string[] command) => TryRun(command) || TryRun(["sudo", "-n", .. command]);

    private static bool TryRun(string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
