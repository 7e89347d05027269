using System.Security.Cryptography;

namespace VZaps.Client.Tests.Media;

/// <summary>Files to a path.</summary>
public sealed class DownloadTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_comes_whole_under_its_name_and_nothing_else_stays()
    {
        await using var server = await FileServer.StartAsync();
        await File.WriteAllTextAsync(_folder.File, "what was there");
        var progress = new Heard();
        await TestMedia.Stored(server).DownloadAsync(_folder.File, progress).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(["a.pdf"], _folder.Names);
        Assert.Equal(new MediaProgress(300_000, 300_000), progress.Steps[^1]);
        Assert.Equal(progress.Steps.OrderBy(step => step.Bytes), progress.Steps);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_is_made_again_where_it_broke(bool isHashKnown)
    {
        await using var server = await FileServer.StartAsync();
        server.CutAt(100_000);
        server.CutAt(200_000);
        var media = isHashKnown ? TestMedia.Stored(server) : TestMedia.Of(TestMedia.Data(server.Url));
        await media.DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(3, server.Asked.Count);
        // What the socket had not handed out when it was cut is asked for again.
        Assert.All(server.Asked.Skip(1), asked => Assert.Matches($"^bytes=[1-9][0-9]*-\\|\"{FileServer.Sha256}\"$", asked));
    }

    [Fact]
    public async Task A_file_that_another_takes_the_place_of_meanwhile_is_fetched_anew()
    {
        await using var server = await FileServer.StartAsync();
        var other = RandomNumberGenerator.GetBytes(250_000);
        server.Next.Enqueue(async context =>
        {
            await server.SendAsync(context, 100_000);
            (server.Content, server.ETag) = (other, $"\"{FileServer.Hash(other)}\"");
            context.Abort();
        });
        await TestMedia.Of(TestMedia.Data(server.Url, status: "pending")).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(other, await File.ReadAllBytesAsync(_folder.File));
    }

    [Fact]
    public async Task Too_many_breaks_in_a_row_are_an_error_and_the_next_call_goes_on()
    {
        await using var server = await FileServer.StartAsync();
        server.CutAt(100_000);
        server.Next.Enqueue(Abort);
        server.Next.Enqueue(Abort);
        var media = TestMedia.Stored(server, maxResumes: 1);
        var broken = await Assert.ThrowsAsync<VZapsException>(() => media.DownloadAsync(_folder.File).OrFailAsync());
        Assert.DoesNotContain(FileServer.Secret, broken.ToString(), StringComparison.Ordinal);
        Assert.Equal(["a.pdf.part"], _folder.Names);
        var part = new FileInfo(_folder.Part).Length;
        Assert.InRange(part, 1, 100_000);

        server.Next.Clear();
        server.Asked.Clear();
        var progress = new Heard();
        await media.DownloadAsync(_folder.File, progress).OrFailAsync();
        // This one has seen no tag; the hash decides.
        Assert.Equal([$"bytes={part}-|"], server.Asked);
        Assert.Equal(part, progress.Steps[0].Bytes);
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(["a.pdf"], _folder.Names);
    }

    [Fact]
    public async Task A_part_that_has_all_is_checked_and_not_fetched()
    {
        await using var server = await FileServer.StartAsync();
        await File.WriteAllBytesAsync(_folder.Part, FileServer.Bytes);
        var progress = new Heard();
        await TestMedia.Stored(server).DownloadAsync(_folder.File, progress).OrFailAsync();
        Assert.Empty(server.Asked);
        Assert.Equal([new MediaProgress(300_000, 300_000)], progress.Steps);
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(300_000)]
    [InlineData(400_000)]
    public async Task A_part_of_something_else_does_no_harm(int length)
    {
        await using var server = await FileServer.StartAsync();
        foreach (var media in (EventMedia[])[TestMedia.Stored(server), TestMedia.Of(TestMedia.Data(server.Url)), TestMedia.Of(TestMedia.Data(server.Url, size: 300_000))])
        {
            await File.WriteAllBytesAsync(_folder.Part, RandomNumberGenerator.GetBytes(length));
            await media.DownloadAsync(_folder.File).OrFailAsync();
            Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
            Assert.Equal(["a.pdf"], _folder.Names);
        }
    }

    [Fact]
    public async Task Without_any_hash_a_part_of_an_earlier_call_is_not_trusted()
    {
        await using var server = await FileServer.StartAsync();
        server.ETag = "\"v1\"";
        await File.WriteAllBytesAsync(_folder.Part, RandomNumberGenerator.GetBytes(1_000));
        await TestMedia.Of(TestMedia.Data(server.Url)).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
    }

    [Theory]
    [InlineData("wrong hash")]
    [InlineData("longer")]
    [InlineData("shorter")]
    public async Task A_file_that_is_not_what_was_said_gets_no_name(string how)
    {
        await using var server = await FileServer.StartAsync();
        server.Content = how switch
        {
            "wrong hash" => [.. FileServer.Bytes[..^1], (byte)~FileServer.Bytes[^1]],
            "longer" => [.. FileServer.Bytes, 1],
            _ => FileServer.Bytes[..^1],
        };
        var wrong = await Assert.ThrowsAsync<VZapsMediaException>(() => TestMedia.Stored(server).DownloadAsync(_folder.File).OrFailAsync());
        Assert.Equal(how == "wrong hash" ? MediaProblem.WrongHash : MediaProblem.WrongLength, wrong.Problem);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_and_asked_again()
    {
        await using var server = await FileServer.StartAsync();
        server.Next.Enqueue(async context =>
        {
            await server.SendAsync(context, 100_000);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await TestMedia.Stored(server, stallTimeout: TimeSpan.FromSeconds(1)).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(2, server.Asked.Count);

        server.Next.Enqueue(context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        var late = await Assert.ThrowsAsync<VZapsTimeoutException>(
            () => TestMedia.Stored(server, stallTimeout: TimeSpan.FromMilliseconds(200), maxResumes: 0).DownloadAsync(_folder.File).OrFailAsync());
        Assert.Contains("MediaStallTimeout", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Breaking_it_off_leaves_the_part_for_the_next_call()
    {
        await using var server = await FileServer.StartAsync();
        server.Next.Enqueue(async context =>
        {
            await server.SendAsync(context, 100_000);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        using var cancel = new CancellationTokenSource();
        var media = TestMedia.Stored(server);
        var download = media.DownloadAsync(_folder.File, new Heard { At = _ => cancel.Cancel() }, cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download.OrFailAsync());
        Assert.Equal(["a.pdf.part"], _folder.Names);
        await media.DownloadAsync(_folder.File).OrFailAsync();
        Assert.Matches("^bytes=[1-9]", server.Asked.Last());
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
    }

    [Fact]
    public async Task Two_downloads_to_one_path_do_not_mix()
    {
        await using var server = await FileServer.StartAsync();
        var media = TestMedia.Stored(server);
        Task? second = null;
        await media.DownloadAsync(_folder.File, new Heard { At = _ => second ??= media.DownloadAsync(_folder.File) }).OrFailAsync();
        await Assert.ThrowsAsync<IOException>(() => second!.OrFailAsync());
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
    }

    private static Task Abort(Microsoft.AspNetCore.Http.HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }
}
