using VZaps.Gateway.Log.Segments;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>What a real system says of a full disk is understood.</summary>
public sealed class DiskLogFilesTests : IDisposable
{
    private const string MemoryFolder = "/dev/shm";
    private readonly string _folder = Directory.CreateTempSubdirectory("vzaps-log-").FullName;

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_file_larger_than_the_disk_finds_no_room_and_leaves_nothing_behind()
    {
        // Most file systems of Linux take all that there is before they say that it is not enough: for a moment nobody else on the disk has room, such
        // as the databases of other tests. One in memory looks first.
        var folder = OperatingSystem.IsLinux() ? Path.Combine(MemoryFolder, Path.GetRandomFileName()) : _folder;
        if (OperatingSystem.IsLinux() && !Directory.Exists(MemoryFolder))
        {
            TestContext.Current.AddWarning($"There is no {MemoryFolder}: no disk was too small.");
            return;
        }

        var files = new DiskLogFiles(folder);
        Assert.Throws<LogDiskFullException>(() => files.Create("1", files.FreeBytes + (1L << 40)));
        Assert.Empty(files.List());
        Directory.Delete(folder);
    }

    [Fact]
    public void A_write_without_room_is_one_and_another_failure_is_not()
    {
        if (OperatingSystem.IsLinux())
        {
            File.CreateSymbolicLink(Path.Combine(_folder, "full"), "/dev/full");
            using var full = new DiskLogFiles(_folder).Open("full");
            Assert.Throws<LogDiskFullException>(() => full.Write(new byte[100], 0));
        }

        Assert.Throws<FileNotFoundException>(() => new DiskLogFiles(_folder).Open("nothing"));
        Assert.False(LogDiskFullException.IsMeantBy(new IOException("Input/output error", hresult: 5)));
    }

    [Fact]
    public void The_folder_and_its_files_are_the_owners_alone_also_where_they_were_there_before()
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Path.Combine(_folder, "log");
        Directory.CreateDirectory(folder, (UnixFileMode)0x1ED); // 0755
        File.WriteAllText(Path.Combine(folder, "old"), "");
        File.SetUnixFileMode(Path.Combine(folder, "old"), (UnixFileMode)0x1A4); // 0644

        var files = new DiskLogFiles(folder);
        files.Create("new", 4096).Dispose();

        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(folder)); // 0700
        foreach (var name in new[] { "old", "new" })
            Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(Path.Combine(folder, name))); // 0600
    }
}
