using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>What goes beyond the limit of bytes, and where the disk has no room to spare.</summary>
public sealed class RetentionLimitTests
{
    private const string TwoDays = "2.00:00:00";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_of_many_events_counts_once_and_the_store_is_listed_once()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, new MediaOptions(), ("Media:RetentionBytes", "1048576"), ("Log:RetentionAge", TwoDays));
        var instance = await gateway.NewInstanceAsync();
        var picture = Jpeg(600_000);
        await gateway.PublishFileAsync(instance, picture);
        var content = new FileReference(Convert.ToHexStringLower(SHA256.HashData(picture)), picture.Length);
        await gateway.Get<MediaAttaching>().RegisterAsync(
            InstanceId.Parse(instance.Id), [.. Enumerable.Repeat(new MediaDescription { Source = MediaSource.Publish, MimeType = "image/jpeg", Content = content }, 1_200)], "https://example.com");
        clock.Jump(TimeSpan.FromMinutes(1));
        await gateway.PublishFileAsync(instance, Jpeg(500_000));
        clock.Jump(TimeSpan.FromHours(50));
        await TrimLogAsync(gateway);
        Assert.Equal(new MediaUsage(1, 500_000, 600_000), await RunAsync(gateway));
        Assert.Equal(1, StoreOf(gateway).Listings);
        Assert.Equal(500_000, Assert.Single((await ItemsAsync(gateway, instance))).GetProperty("size").GetInt64());
    }

    [Fact]
    public async Task A_file_that_is_not_there_frees_nothing_and_the_next_one_goes()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, new MediaOptions(), ("Media:RetentionBytes", "1048576"), ("Log:RetentionAge", TwoDays));
        var instance = await gateway.NewInstanceAsync();
        var first = await gateway.PublishFileAsync(instance, Jpeg(600_000, seed: 1));
        for (byte seed = 2; seed <= 3; seed++)
        {
            clock.Jump(TimeSpan.FromMinutes(1));
            await gateway.PublishFileAsync(instance, Jpeg(600_000, seed));
        }

        // As in a folder whose database is of a backup.
        File.Delete(Path.Combine(gateway.DataPath, "files", first.GetProperty("media").GetProperty("sha256").GetString()!));
        clock.Jump(TimeSpan.FromHours(50));
        await TrimLogAsync(gateway);
        Assert.Equal(new MediaUsage(1, 600_000, 600_000), await RunAsync(gateway));
    }

    [Fact]
    public async Task A_file_goes_with_all_its_events_or_stays_for_all_of_them()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, new MediaOptions(), ("Media:RetentionBytes", "1048576"), ("Log:RetentionAge", TwoDays), ("Media:LinkLifetime", "30.00:00:00"));
        var (one, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var shared = LinkOf(await gateway.PublishFileAsync(one, Jpeg(1_100_000)));
        var alone = LinkOf(await gateway.PublishFileAsync(one, Jpeg(500_000)));
        other = await LaterAsync(gateway, clock, other);
        await gateway.PublishFileAsync(other, Jpeg(1_100_000));
        clock.Jump(TimeSpan.FromHours(10));
        await TrimLogAsync(gateway);
        // However much that leaves.
        Assert.Equal(new MediaUsage(1, 1_100_000, 500_000), await RunAsync(gateway));
        Assert.Equal((200, 410), ((await gateway.GetAsync(shared)).Status, (await gateway.GetAsync(alone)).Status));
    }

    [Fact]
    public async Task Where_room_is_wanting_the_oldest_go_but_none_of_a_retained_event_or_a_kept_payload()
    {
        var (clock, options) = (new JumpingClock(), new MediaOptions { MinFreeBytes = 1_600_000 });
        await using var gateway = await StartAsync(clock, options, ("Log:RetentionAge", TwoDays), ("Media:LinkLifetime", "30.00:00:00"));
        var (one, other, third) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var unmapped = $$$"""{"type":"Message","event":{"Message":{}},"base64":"{{{Convert.ToBase64String(Jpeg(1_000))}}}"}""";
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(third), Encoding.UTF8.GetBytes(unmapped), "application/json"));
        var links = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            links.Add(LinkOf(await gateway.PublishFileAsync(one, Jpeg(400_000, (byte)i))));
            clock.Jump(TimeSpan.FromMinutes(1));
        }

        other = await LaterAsync(gateway, clock, other);
        links.Add(LinkOf(await gateway.PublishFileAsync(other, Jpeg(300_000))));
        clock.Jump(TimeSpan.FromHours(10));
        await TrimLogAsync(gateway);
        // With less than an eighth more than the reserve, so many that there is a quarter more.
        var space = SpaceOf(gateway);
        foreach (var (free, left) in new[] { (1_800_000, 4), (1_799_999, 3), (1_200_001, 1), (1_000_000, 0), (0, 0) })
        {
            space.Free = free;
            Assert.Equal((left * 400_000) + 301_000, (await RunAsync(gateway)).Bytes);
            Assert.Equal([.. Enumerable.Range(0, 4).Select(i => i < 4 - left ? 410 : 200), 200], (await Task.WhenAll(links.Select(link => gateway.GetAsync(link)))).Select(answer => answer.Status));
        }
    }

    [Fact]
    public async Task Files_of_a_version_without_rows_go_for_want_of_room_but_not_those_that_a_kept_payload_may_have()
    {
        var (clock, folder) = (new JumpingClock(), GatewayFixture.NewFolder());
        Directory.CreateDirectory(Path.Combine(folder, "files"));
        foreach (var (name, age) in new[] { ('a', TimeSpan.FromDays(5)), ('b', TimeSpan.FromMinutes(30)) })
        {
            var path = Path.Combine(folder, "files", new string(name, 64));
            await File.WriteAllBytesAsync(path, new byte[1_000], Cancel);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);
        }

        await using (var gateway = await StartAsync(clock, new MediaOptions(), folder))
        {
            var path = await gateway.SetWuzAsync(await gateway.NewInstanceAsync());
            Assert.Equal(200, await gateway.PostAsync(path, """{"type":"Message","event":{"Message":{}}}"""u8.ToArray(), "application/json"));
            SpaceOf(gateway).Free = 0;
            clock.Jump(TimeSpan.FromHours(2));
            Assert.Equal(new MediaUsage(1, 1_000, 1_000), await RunAsync(gateway));
            Assert.Equal(new string('b', 64), Path.GetFileName(Assert.Single(FilesOf(gateway))));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static Task<GatewayFixture> StartAsync(JumpingClock clock, MediaOptions options, params (string, string)[] settings) => StartAsync(clock, options, null, settings);

    private static Task<GatewayFixture> StartAsync(JumpingClock clock, MediaOptions options, string? folder, params (string, string)[] settings) =>
        GatewayFixture.StartAsync(folder, Settings(settings), builder =>
        {
            builder.RemoveUpkeep();
            builder.WatchStore();
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.AddSingleton<FreeSpace>(provider => new TestSpace(provider.GetRequiredService<DataFolder>(), options));
        });

    /// <summary>Lets the time come for another instance's events to be in another file of the log, and stay.</summary>
    private static async Task<TestInstance> LaterAsync(GatewayFixture gateway, JumpingClock clock, TestInstance instance)
    {
        clock.Jump(TimeSpan.FromHours(20));
        await TrimLogAsync(gateway);
        clock.Jump(TimeSpan.FromHours(27));
        return instance with { AccessToken = await gateway.TokenAsync() };
    }

    private static async Task<List<System.Text.Json.JsonElement>> ItemsAsync(GatewayFixture gateway, TestInstance instance) =>
        [.. (await gateway.CallAsync(instance with { AccessToken = await gateway.TokenAsync() }, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray()];

    private static WatchedStore StoreOf(GatewayFixture gateway) => (WatchedStore)gateway.Get<IMediaStore>();

    private static TestSpace SpaceOf(GatewayFixture gateway) => (TestSpace)gateway.Get<FreeSpace>();

    private static Task<MediaUsage> RunAsync(GatewayFixture gateway) => gateway.Get<MediaRetention>().RunAsync(Cancel);

    private static async Task TrimLogAsync(GatewayFixture gateway) => await gateway.Get<IEventLog>().TrimAsync(Cancel);
}
