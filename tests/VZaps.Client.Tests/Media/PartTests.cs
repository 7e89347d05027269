using System.Security.Cryptography;
using VZaps.Client.Media;

namespace VZaps.Client.Tests.Media;

/// <summary>The part beside a download's path: whose it is, and when it goes.</summary>
public sealed class PartTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_held_until_it_has_its_name()
    {
        await using var server = await FileServer.StartAsync();
        var isHeld = false;
        var download = new MediaDownload(from => NewStream(server, from), _folder.File, progress: null)
        {
            Move = (part, path) =>
            {
                isHeld = Record.Exception(() => new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose()) is IOException;
                File.Move(part, path, overwrite: true);
            },
        };
        await download.RunAsync(CancellationToken.None).OrFailAsync();
        Assert.True(isHeld);
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(["a.pdf"], _folder.Names);
    }

    [Theory]
    [InlineData(404, "", true)]
    [InlineData(404, "not_found", true)]
    [InlineData(404, "media_not_found", false)]
    [InlineData(410, "", false)]
    [InlineData(410, "media_gone", false)]
    public async Task It_stays_where_what_says_that_the_file_is_gone_may_be_a_proxy(int status, string code, bool stays)
    {
        await using var server = await FileServer.StartAsync();
        server.Next.Enqueue(context =>
        {
            context.Response.StatusCode = status;
            return code.Length == 0 ? Task.CompletedTask : ScriptedServer.RefuseAsync(context, status, code, "Gone.");
        });
        await File.WriteAllBytesAsync(_folder.Part, FileServer.Bytes[..1_000]);
        var gone = await Assert.ThrowsAsync<VZapsMediaException>(() => TestMedia.Stored(server).DownloadAsync(_folder.File).OrFailAsync());
        Assert.Equal(MediaProblem.Gone, gone.Problem);
        Assert.Equal(stays ? ["a.pdf.part"] : [], _folder.Names);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_whole_part_of_a_file_of_unknown_size_is_checked_and_not_fetched(bool isHashKnown)
    {
        await using var server = await FileServer.StartAsync();
        await File.WriteAllBytesAsync(_folder.Part, FileServer.Bytes);
        var progress = new Heard();
        await TestMedia.Of(TestMedia.Data(server.Url, isHashKnown ? FileServer.Sha256 : null, status: "pending")).DownloadAsync(_folder.File, progress).OrFailAsync();
        Assert.Equal(["bytes=300000-|", "bytes=299999-|"], server.Asked);
        Assert.Equal([new MediaProgress(300_000, 300_000)], progress.Steps);
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
    }

    [Fact]
    public async Task One_that_is_as_long_and_not_the_file_is_fetched_anew_and_progress_goes_back()
    {
        await using var server = await FileServer.StartAsync();
        foreach (var data in (string[])[TestMedia.Data(server.Url, status: "pending"), TestMedia.Data(server.Url, FileServer.Sha256, 300_000)])
        {
            await File.WriteAllBytesAsync(_folder.Part, RandomNumberGenerator.GetBytes(300_000));
            var progress = new Heard();
            await TestMedia.Of(data).DownloadAsync(_folder.File, progress).OrFailAsync();
            // That all of it is there was never said.
            Assert.InRange(progress.Steps[0].Bytes, 1, 299_999);
            Assert.Equal(300_000, progress.Steps[^1].Bytes);
            Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        }
    }

    [Fact]
    public async Task A_part_that_the_server_does_not_go_on_with_is_not_reported()
    {
        await using var server = await FileServer.StartAsync();
        server.TakesRanges = false;
        await File.WriteAllBytesAsync(_folder.Part, FileServer.Bytes[..200_000]);
        var progress = new Heard();
        await TestMedia.Stored(server).DownloadAsync(_folder.File, progress).OrFailAsync();
        Assert.True(progress.Steps[0].Bytes < 200_000, $"{progress.Steps[0].Bytes} bytes were reported first.");
        Assert.Equal(progress.Steps.OrderBy(step => step.Bytes), progress.Steps);
    }

    [Fact]
    public async Task A_stream_without_a_length_that_broke_behind_its_last_byte_has_all()
    {
        await using var server = await FileServer.StartAsync();
        server.SaysLength = false;
        server.Next.Enqueue(async context =>
        {
            await server.SendAsync(context);
            context.Abort();
        });
        await using var stream = await TestMedia.Of(TestMedia.Data(server.Url, status: "pending")).OpenReadAsync().OrFailAsync();
        using var read = new MemoryStream();
        await stream.CopyToAsync(read).OrFailAsync();
        Assert.Equal(FileServer.Bytes, read.ToArray());
    }

    private static MediaStream NewStream(FileServer server, long from)
    {
        var access = new MediaAccess
        {
            Http = new HttpClient(), PendingTimeout = Wait.Limit, StallTimeout = Wait.Limit, MaxResumes = 0, Time = TimeProvider.System,
        };
        var link = new MediaLink(new Uri(server.Url), access, renewalRoute: null);
        return new MediaStream(new EventMedia(access, link), access, link, from);
    }
}
