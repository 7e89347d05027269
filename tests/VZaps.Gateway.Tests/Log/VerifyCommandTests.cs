using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Gateway.Hosting;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Storage;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary><c>gateway log verify</c>, by its exit code.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vzaps-verify-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_sound_log_is_0_a_damaged_one_1_and_one_that_is_in_use_is_not_looked_at()
    {
        var instance = InstanceId.New();
        var log = SegmentLog.Open(new DiskLogFiles(Path.Combine(_folder, "log")), new LogOptions(), new Nobody(), TimeProvider.System, NullLogger.Instance);
        for (var i = 0; i < 3; i++)
            await log.AppendAsync(instance, [Drafts.Of(instance, EventType.Message)], default);
        await log.DisposeAsync();
        Assert.Equal(0, await VerifyAsync(_folder));

        await using (var file = File.OpenWrite(Path.Combine(_folder, "log", SegmentFile.NameOf(1))))
        {
            file.Position = FileHeader.Length + 100;
            file.WriteByte((byte)'?');
        }

        Assert.Equal(1, await VerifyAsync(_folder));
        Assert.Equal(1, await VerifyAsync(Path.Combine(_folder, "nothing")));
        Assert.False(Directory.Exists(Path.Combine(_folder, "nothing")));

        File.Delete(Path.Combine(_folder, "log", SegmentFile.NameOf(1)));
        Assert.Equal(0, await VerifyAsync(_folder));
        using var held = DataFolderLock.Take(new DataFolder(_folder), TimeProvider.System);
        Assert.Equal(1, await VerifyAsync(_folder));
    }

    [Fact]
    public async Task A_check_leaves_files_as_they_are()
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Path.Combine(_folder, "log");
        await SegmentLog.Open(new DiskLogFiles(folder), new LogOptions(), new Nobody(), TimeProvider.System, NullLogger.Instance).DisposeAsync();
        var file = Path.Combine(folder, SegmentFile.NameOf(1));
        await File.WriteAllTextAsync(file, "damaged");
        File.SetUnixFileMode(file, (UnixFileMode)0x124); // 0444
        await VerifyAsync(_folder);
        Assert.Equal((UnixFileMode)0x124, File.GetUnixFileMode(file));
        Assert.Equal("damaged", await File.ReadAllTextAsync(file));
    }

    private static Task<int> VerifyAsync(string folder) => CommandLine.RunAsync(["log", "verify", "--data-path", folder]);
}
