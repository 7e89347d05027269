using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using VZaps.Client.Media;

namespace VZaps.Client.Tests.Media;

/// <summary>Servers that are no gateways: without hashes, with tags of their own, or without any.</summary>
public sealed class ForeignServerTests : IDisposable
{
    private const string ForeignId = "photo-1";
    private static readonly DateTimeOffset LongAgo = new(2026, 6, 23, 22, 57, 17, TimeSpan.Zero);
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tag_that_looks_like_a_hash_is_none()
    {
        await using var server = await FileServer.StartAsync();
        server.ETag = $"\"{new string('a', 64)}\"";
        await TestMedia.Of(TestMedia.Data(server.Url, id: ForeignId)).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
    }

    [Fact]
    public async Task A_hash_is_no_tag_and_decides_whatever_the_tags_are()
    {
        await using var server = await FileServer.StartAsync();
        server.ETag = "\"of one server\"";
        server.CutAt(200_000);
        server.Next.Enqueue(context =>
        {
            server.ETag = "\"of another\"";
            return server.SendAsync(context);
        });
        await File.WriteAllBytesAsync(_folder.Part, FileServer.Bytes[..100_000]);
        await TestMedia.Of(TestMedia.Data(server.Url, FileServer.Sha256, id: ForeignId)).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(2, server.Asked.Count);
        Assert.Equal("bytes=100000-|", server.Asked.First());
        Assert.Matches("^bytes=[12][0-9]{5}-\\|$", server.Asked.Last());
    }

    [Fact]
    public async Task What_does_not_belong_together_is_fetched_anew()
    {
        await using var server = await FileServer.StartAsync();
        (server.ETag, server.Content) = (null, RandomNumberGenerator.GetBytes(300_000));
        server.Next.Enqueue(async context =>
        {
            await server.SendAsync(context, 100_000);
            server.Content = FileServer.Bytes;
            context.Abort();
        });
        await TestMedia.Of(TestMedia.Data(server.Url, FileServer.Sha256, id: ForeignId)).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(3, server.Asked.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_anything_that_tells_whether_it_goes_on_a_file_is_fetched_anew_as_often_as_it_may_be(bool takesRanges)
    {
        await using var server = await FileServer.StartAsync();
        (server.ETag, server.TakesRanges) = (null, takesRanges);
        server.CutAt(100_000);
        server.CutAt(200_000);
        await TestMedia.Of(TestMedia.Data(server.Url, id: "")).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
        Assert.Equal(["|", "|", "|"], server.Asked);
    }

    [Fact]
    public async Task One_that_always_breaks_at_the_same_place_has_an_end()
    {
        using var handler = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Breaking(FileServer.Bytes[..100_000])) { Headers = { ContentLength = 300_000 } } });
        var broken = await Assert.ThrowsAsync<VZapsException>(() => TestMedia.Of(TestMedia.Data("https://a.example/a", id: ""), maxResumes: 2, handler: handler).DownloadAsync(_folder.File).OrFailAsync());
        Assert.Contains("broke off", broken.Message, StringComparison.Ordinal);
        Assert.Equal(3, handler.Asked.Count);
    }

    [Fact]
    public void The_count_of_breaks_begins_anew_behind_the_furthest_place_alone()
    {
        var resumes = new MediaResumes(1);
        resumes.Progress(10);
        Assert.NotNull(resumes.Next(null));
        resumes.Progress(10);
        Assert.Null(resumes.Next(null));
        resumes.Progress(11);
        Assert.NotNull(resumes.Next(null));
    }

    [Fact]
    public void A_server_that_wants_to_be_asked_at_once_is_asked_after_the_own_back_off()
    {
        var resumes = new MediaResumes(20);
        Assert.Contains(Enumerable.Range(0, 10).Select(_ => resumes.Next(TimeSpan.Zero)), wait => wait > TimeSpan.FromMilliseconds(100));
        Assert.True(resumes.Next(TimeSpan.FromSeconds(30)) >= TimeSpan.FromSeconds(30));
        Assert.Null(resumes.Next(TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task A_stream_that_cannot_go_on_says_what_broke_it()
    {
        await using var server = await FileServer.StartAsync();
        server.ETag = null;
        server.CutAt(100_000);
        await using var stream = await TestMedia.Of(TestMedia.Data(server.Url, id: "")).OpenReadAsync().OrFailAsync();
        var changed = await Assert.ThrowsAsync<VZapsMediaException>(() => stream.CopyToAsync(Stream.Null).OrFailAsync());
        Assert.Equal(MediaProblem.Changed, changed.Problem);
        Assert.Contains("broke off", Assert.IsType<VZapsException>(changed.InnerException).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_became_shorter_says_what_broke_it()
    {
        await using var server = await FileServer.StartAsync();
        server.ETag = "\"v1\"";
        server.Next.Enqueue(async context =>
        {
            await server.SendAsync(context, 100_000);
            server.Content = [1];
            context.Abort();
        });
        await using var stream = await TestMedia.Of(TestMedia.Data(server.Url, id: ForeignId)).OpenReadAsync().OrFailAsync();
        var changed = await Assert.ThrowsAsync<VZapsMediaException>(() => stream.CopyToAsync(Stream.Null).OrFailAsync());
        Assert.Equal(MediaProblem.Changed, changed.Problem);
        Assert.NotNull(changed.InnerException);
    }

    [Fact]
    public async Task The_time_of_its_last_change_tells_too_where_that_is_long_ago()
    {
        await using var server = await FileServer.StartAsync();
        (server.ETag, server.LastModified) = (null, LongAgo);
        server.CutAt(100_000);
        await using (var stream = await TestMedia.Of(TestMedia.Data(server.Url, id: "")).OpenReadAsync().OrFailAsync())
        {
            using var read = new MemoryStream();
            await stream.CopyToAsync(read).OrFailAsync();
            Assert.Equal(FileServer.Bytes, read.ToArray());
        }

        Assert.Matches("^bytes=[1-9][0-9]*-\\|Tue, 23 Jun 2026 22:57:17 GMT$", server.Asked.Last());

        server.LastModified = DateTimeOffset.UtcNow;
        server.CutAt(100_000);
        await using var recent = await TestMedia.Of(TestMedia.Data(server.Url, id: "")).OpenReadAsync().OrFailAsync();
        Assert.Equal(MediaProblem.Changed, (await Assert.ThrowsAsync<VZapsMediaException>(() => recent.CopyToAsync(Stream.Null).OrFailAsync())).Problem);
    }

    [Theory]
    [InlineData("gzip", MediaProblem.Encoded)]
    [InlineData("br", MediaProblem.Encoded)]
    [InlineData("identity", null)]
    public async Task What_is_packed_is_refused(string coding, MediaProblem? problem)
    {
        using var handler = new StubHandler(_ =>
        {
            var content = new ByteArrayContent([1, 2, 3]);
            content.Headers.ContentEncoding.Add(coding);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
        });
        var opening = TestMedia.Of(TestMedia.Data("https://a.example/a", id: ForeignId), handler: handler).OpenReadAsync();
        if (problem is null)
            await (await opening.OrFailAsync()).DisposeAsync();
        else
            Assert.Equal(problem, (await Assert.ThrowsAsync<VZapsMediaException>(() => opening.OrFailAsync())).Problem);
        Assert.Single(handler.Asked);
    }

    [Fact]
    public async Task What_a_handler_cannot_unpack_has_broken_off()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Other = async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync(new byte[100]);
        };
        using var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip };
        await using var stream = await TestMedia.Of(TestMedia.Data($"{server.Address}a", id: ForeignId), maxResumes: 0, handler: handler).OpenReadAsync().OrFailAsync();
        var broken = await Assert.ThrowsAsync<VZapsException>(() => stream.CopyToAsync(Stream.Null).OrFailAsync());
        Assert.IsType<InvalidDataException>(broken.InnerException);
    }

    /// <summary>Some bytes, and then a broken connection.</summary>
    private sealed class Breaking(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new IOException("The connection was cut by the test.");
    }
}
