using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>Whatever fails at a file: the event goes out, or its publisher is told to send it again.</summary>
public sealed class MediaFailureTests
{
    [Fact]
    public async Task A_store_that_fails_in_any_way_costs_the_file_and_not_the_event()
    {
        await using var gateway = await GatewayFixture.StartAsync(configure: builder => builder.Services.AddSingleton<IMediaStore, ForbiddenStore>());
        var instance = await gateway.NewInstanceAsync();
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), WuzFile("1", "image", "image/jpeg", Jpeg()), "application/json"));
        Assert.False((await gateway.NewestAsync(instance)).TryGetProperty("media", out _));
        var (status, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg"));
        Assert.Equal(503, status);
        Assert.Contains("media_disk_full", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_read_at_first_is_read_when_it_can_be()
    {
        var folder = GatewayFixture.NewFolder();
        // In the places of the folder of files and of the key of links.
        var (files, key) = (Path.Combine(folder, "files"), Path.Combine(folder, "media.key"));
        await File.WriteAllTextAsync(files, "", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(key);
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            var instance = await gateway.NewInstanceAsync();
            var path = await gateway.SetWuzAsync(instance);
            Assert.Equal(200, await gateway.PostAsync(path, WuzFile("1", "image", "image/jpeg", Jpeg()), "application/json"));
            object published = new { type = "Message", data = new { media_source_url = "https://example.com/a" } };
            Assert.Equal((503, "media_unavailable"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/events", published));
            Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
            File.Delete(files);
            Directory.Delete(key);
            Assert.Equal(200, await gateway.PostAsync(path, WuzFile("2", "image", "image/jpeg", Jpeg()), "application/json"));
            Assert.Equal(2, (await gateway.EventsAsync(instance)).Length);
            Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Below_the_reserve_of_the_disk_nothing_is_taken_in_and_fetches_are_put_off()
    {
        await using var server = await MediaServer.StartAsync();
        TestSpace? space = null;
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(), configure: builder =>
            builder.Services.AddSingleton<FreeSpace>(provider => space = new TestSpace(provider.GetRequiredService<DataFolder>()) { Free = (1L << 30) - 1 }));
        var instance = await gateway.NewInstanceAsync();
        var (status, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg"));
        Assert.Equal(503, status);
        Assert.Contains("media_disk_full", answer, StringComparison.Ordinal);
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), WuzFile("1", "image", "image/jpeg", Jpeg()), "application/json"));
        Assert.Equal("media_lost", (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Error);
        var data = await gateway.PublishUrlAsync(instance, server.Serve("/f", Jpeg()));
        Assert.Empty(server.Requests);
        space!.Free = 1L << 30;
        var item = await gateway.WaitForAsync(instance, IdOf(data), "stored");
        Assert.Equal(1, item.GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task What_a_full_log_refused_is_not_fetched()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:FetchesAtOnce", "1")), configure: builder =>
            builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SourcePublisher>(provider, DispatchProxy.Create<IEventLog, FullLog>())));
        var instance = await gateway.NewInstanceAsync();
        Assert.Equal(503, await gateway.PostAsync(await gateway.SetWuzAsync(instance), WuzFile("1", "image", "image/jpeg", null, server.Serve("/f", Jpeg())), "application/json"));
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_backlog_of_one_instance_holds_up_no_other()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings());
        var (slow, quick) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        server.Routes["/slow"] = server.HangAsync;
        var backlog = Enumerable.Range(0, 200).Select(_ => new { type = "Message", data = new { media_source_url = server.Url + "/slow" } });
        Assert.Equal(202, (await gateway.SendAsync(HttpMethod.Post, $"/instances/{slow.Id}/events", backlog, slow.AccessToken)).Status);
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(server.Requests.Count == 4)));
        var data = await gateway.PublishUrlAsync(quick, server.Serve("/f", Jpeg()));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
    }

    [Fact]
    public async Task One_fetch_after_the_other_needs_no_look_now_and_then()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:FetchesAtOnce", "1")));
        var instance = await gateway.NewInstanceAsync();
        var url = server.Serve("/f", Jpeg());
        var events = Enumerable.Range(0, 200).Select(_ => new { type = "Message", data = new { media_source_url = url } });
        Assert.Equal(202, (await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", events, instance.AccessToken)).Status);
        // A lost wake costs a minute.
        var areAll = await Eventually.HoldsAsync(
            async () => (await gateway.CallAsync(instance, HttpMethod.Get, "/media?status=pending&limit=1")).GetProperty("items").GetArrayLength() == 0, seconds: 55);
        Assert.True(areAll);
        Assert.Equal(200, server.Requests.Count);
    }

    private sealed class ForbiddenStore : IMediaStore
    {
        public Task KeepAsync(IncomingFile file, CancellationToken cancellationToken) => throw new UnauthorizedAccessException();

        public ValueTask<bool> RenewAsync(string sha256, CancellationToken cancellationToken) => throw new UnauthorizedAccessException();

        public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) => throw new UnauthorizedAccessException();

        public ValueTask<bool> RemoveAsync(string sha256, DateTimeOffset keptBefore, CancellationToken cancellationToken) => ValueTask.FromResult(false);

        public IAsyncEnumerable<StoredFile> ListAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<StoredFile>();
    }
}

/// <summary>A log that takes nothing.</summary>
public class FullLog : DispatchProxy
{
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new EventLogFullException("full");
}
