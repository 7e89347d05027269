using VZaps.Gateway.Log.Segments;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>What a real system says of a full disk is understood.</summary>
public sealed class DiskLogFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vzaps-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_larger_than_the_disk_finds_no_room_and_leaves_nothing_behind()
    {
        var files = new DiskLogFiles(_folder);
        Assert.Throws<LogDiskFullException>(() => files.Create("1", files.FreeBytes + (1L << 40)));
        Assert.Empty(files.List());
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
}
