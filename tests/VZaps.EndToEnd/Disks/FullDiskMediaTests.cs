using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Media;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Disks;

/// <summary>Files of events, with a data folder on a disk that fills up.</summary>
public sealed class FullDiskMediaTests
{
    private const int DiskMebibytes = 96, FileBytes = 2 << 20, ReserveBytes = 32 << 20;
    private static readonly (string, string) SmallSegments = ("VZAPS_Log__SegmentBytes", "16777216");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_no_room_a_file_waits_to_be_fetched_what_is_stored_is_served_and_with_room_all_of_them_are()
    {
        await using var server = await FileServer.StartAsync();
        await using var gateway = new GatewayProcess([.. SentFiles.Settings(server), SmallSegments, ("VZAPS_Media__MinFreeBytes", "0"), ("VZAPS_Media__RetrySchedule__0", "00:00:01")]);
        using var disk = TryMount(gateway);
        if (disk is null)
            return;
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        using var files = new SentFiles(gateway, api, server);
        var instance = await api.CreateInstanceAsync();
        var (before, fetched) = (File("before.jpg"), File("fetched.jpg"));
        await files.PublishAsync(instance, before);
        // It comes when the test says so.
        var (asked, mayCome, attempts) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        server.Routes["/slow"] = async context =>
        {
            asked.TrySetResult();
            await mayCome.Task.WaitAsync(context.RequestAborted);
            Interlocked.Increment(ref attempts);
            context.Response.ContentType = "image/jpeg";
            await context.Response.Body.WriteAsync(fetched.Content, context.RequestAborted);
        };
        await api.PublishAsync(instance, $$$"""{"type":"Message","data":{"media_source_url":"{{{server.Url}}}/slow"}}""");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        disk.Fill();
        mayCome.SetResult();

        using var http = new HttpClient();
        await Wait.UntilAsync(() => Volatile.Read(ref attempts) > 1, "the fetch failed for want of room, and is tried again");
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => files.PublishAsync(instance, File("refused.jpg")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        var links = await LinksAsync(api, instance);
        Assert.Equal(2, links.Count);
        Assert.Equal(before.Content, await http.GetByteArrayAsync(links[0], Cancel));
        using (var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, links[1]), Cancel))
            Assert.Equal(HttpStatusCode.Accepted, head.StatusCode);

        disk.Free();
        await Wait.UntilAsync(async () => (await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, links[1]), Cancel)).StatusCode == HttpStatusCode.OK, "with room, the file is fetched");
        Assert.Equal(fetched.Content, await http.GetByteArrayAsync(links[1], Cancel));
        var after = File("after.jpg");
        await files.PublishAsync(instance, after);
        Assert.Equal(after.Content, await http.GetByteArrayAsync((await LinksAsync(api, instance))[^1], Cancel));
        Assert.Empty(Directory.GetFiles(Path.Combine(gateway.Folder, "files", "incoming")));
    }

    [Fact]
    public async Task Files_leave_the_log_the_room_that_is_kept_free_and_events_go_out_without_them()
    {
        await using var server = await FileServer.StartAsync();
        await using var gateway = new GatewayProcess([.. SentFiles.Settings(server), SmallSegments, ("VZAPS_Media__MinFreeBytes", $"{ReserveBytes}")]);
        using var disk = TryMount(gateway);
        if (disk is null)
            return;
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        using var files = new SentFiles(gateway, api, server);
        var instance = await api.CreateInstanceAsync();
        var published = 0;
        var refused = await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            for (; published < DiskMebibytes; published++)
                await files.PublishAsync(instance, File($"{published}.jpg"));
        });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.InRange(published, 1, (DiskMebibytes << 20) / FileBytes - (ReserveBytes / FileBytes));

        // The log has what files may not take.
        await api.PublishAsync(instance, """{"type":"Message","data":{}}""");
        await files.WuzWithinAsync(instance, File("lost.jpg"));
        await files.WuzBucketAsync(instance, File("waits.jpg"));

        var events = await api.ReadHistoryAsync(instance);
        Assert.Equal(published + 3, events.Count);
        using var http = new HttpClient();
        using (var lost = await http.GetAsync(LinkOf(events[^2]), Cancel))
        {
            Assert.Equal((HttpStatusCode)424, lost.StatusCode);
            Assert.Contains("media_lost", await lost.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using (var waiting = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, LinkOf(events[^1])), Cancel))
            Assert.Equal(HttpStatusCode.Accepted, waiting.StatusCode);
        using var ready = await api.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    private static SmallDisk? TryMount(GatewayProcess gateway)
    {
        var disk = SmallDisk.TryMount(gateway.Folder, DiskMebibytes);
        if (disk is null)
        {
            // With a store that throws, and with free space that is told, the same is in MediaPublishTests and MediaFetchTests, which need no right to mount.
            TestContext.Current.AddWarning("This account may not mount a small disk: nothing was filled.");
        }

        return disk;
    }

    private static SentFile File(string name) => new("image", "image/jpeg", name, [0xff, 0xd8, 0xff, 0xe0, .. RandomNumberGenerator.GetBytes(FileBytes)]);

    private static string LinkOf(JsonElement envelope) => envelope.GetProperty("data").GetProperty("media_url").GetString()!;

    private static async Task<List<string>> LinksAsync(GatewayApi api, TestInstance instance) => (await api.ReadHistoryAsync(instance)).ConvertAll(LinkOf);
}
