using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>When files are looked after, and what the operator hears of it.</summary>
public sealed class MediaUpkeepTests
{
    private const string IsShort = "no file is taken in or fetched", NoneMayGo = "none of the 5000 bytes of files may go", IsOverLimit = "more than Media:RetentionBytes (1048576)";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_crash_left_goes_at_the_start_however_full_the_disk_is()
    {
        var folder = GatewayFixture.NewFolder();
        var left = Path.Combine(folder, "files", "incoming", "left");
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        await File.WriteAllBytesAsync(left, [1], Cancel);
        await using (await GatewayFixture.StartAsync(folder, configure: builder => AddSpace(builder, free: 0)))
            Assert.False(File.Exists(left));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(1, false, 600)]
    [InlineData(1, true, 60)]
    [InlineData(7, true, 70)]
    [InlineData(3600, true, 600)]
    [InlineData(3600, false, 600)]
    public void Old_files_go_every_ten_minutes_and_where_room_is_wanting_every_minute_at_most(int tookSeconds, bool isWanted, int expectedSeconds) =>
        Assert.Equal(TimeSpan.FromSeconds(expectedSeconds), MediaUpkeep.IntervalAfter(TimeSpan.FromSeconds(tookSeconds), isWanted));

    [Fact]
    public async Task Where_room_is_wanting_old_files_go_soon_and_that_none_may_go_is_said_once()
    {
        var (log, time) = (new CapturedLog(), new FakeTimeProvider());
        await using var gateway = await GatewayFixture.StartAsync(configure: builder =>
        {
            builder.Logging.AddProvider(log);
            builder.RemoveUpkeep();
            builder.WatchStore();
            AddSpace(builder, free: 1L << 40);
        });
        await gateway.PublishFileAsync(await gateway.NewInstanceAsync(), Jpeg(5_000));
        var (store, space) = ((WatchedStore)gateway.Get<IMediaStore>(), (TestSpace)gateway.Get<FreeSpace>());
        using var upkeep = ActivatorUtilities.CreateInstance<MediaUpkeep>(gateway.App.Services, time);
        await upkeep.StartAsync(Cancel);
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(store.Listings == 1)));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.DoesNotContain(NoneMayGo, log.Text, StringComparison.Ordinal);
        space.Free = 0;
        for (var run = 2; run <= 4; run++)
        {
            Assert.True(await Eventually.HoldsAsync(() =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(store.Listings == run);
            }));
        }

        // The third run is over when the fourth has begun.
        Assert.Single(Lines(log, NoneMayGo));
        await upkeep.StopAsync(Cancel);
    }

    [Fact]
    public async Task The_first_file_that_is_lost_for_want_of_room_is_logged()
    {
        var log = new CapturedLog();
        // The loop of fetches would find it within a minute.
        await using var gateway = await GatewayFixture.StartAsync(configure: builder =>
        {
            builder.Logging.AddProvider(log);
            builder.RemoveUpkeep();
            AddSpace(builder, free: 1L << 40);
        });
        var instance = await gateway.NewInstanceAsync();
        var (path, space) = (await gateway.SetWuzAsync(instance), (TestSpace)gateway.Get<FreeSpace>());
        Assert.Empty(Lines(log, IsShort));
        space.Free = 0;
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(200, await gateway.PostAsync(path, WuzFile($"{i}", "image", "image/jpeg", Jpeg()), "application/json"));
            Assert.StartsWith("Error", Assert.Single(Lines(log, IsShort)), StringComparison.Ordinal);
        }

        // Room for one file more is no news; room for a while is.
        foreach (var (free, lines) in new[] { (1L << 30, 1), ((1L << 30) + (1L << 27), 2) })
        {
            space.Free = free;
            space.Look();
            space.Free = 0;
            Assert.False(space.HasRoom);
            Assert.Equal(lines, Lines(log, IsShort).Count());
        }
    }

    [Fact]
    public async Task More_bytes_than_the_limit_of_files_that_stay_are_logged()
    {
        var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:RetentionBytes", "1048576")), configure: builder =>
        {
            builder.Logging.AddProvider(log);
            builder.RemoveUpkeep();
            builder.WatchStore();
        });
        var instance = await gateway.NewInstanceAsync();
        await gateway.PublishFileAsync(instance, Jpeg(1_048_576));
        await RunUpkeepAsync(gateway);
        Assert.Empty(Lines(log, IsOverLimit));
        await gateway.PublishFileAsync(instance, Jpeg(5_000));
        await RunUpkeepAsync(gateway);
        Assert.Contains("Files take 1053576 bytes", Lines(log, IsOverLimit).First(), StringComparison.Ordinal);
    }

    /// <summary>Runs it until files were looked after once, and what is to be said of that was.</summary>
    private static async Task RunUpkeepAsync(GatewayFixture gateway)
    {
        var (store, time) = ((WatchedStore)gateway.Get<IMediaStore>(), new FakeTimeProvider());
        var before = store.Listings;
        using var upkeep = ActivatorUtilities.CreateInstance<MediaUpkeep>(gateway.App.Services, time);
        await upkeep.StartAsync(Cancel);
        // One is over when the next has begun.
        Assert.True(await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMinutes(10));
            return Task.FromResult(store.Listings >= before + 2);
        }));
        await upkeep.StopAsync(Cancel);
    }

    private static IEnumerable<string> Lines(CapturedLog log, string text) => log.Text.Split('\n').Where(line => line.Contains(text, StringComparison.Ordinal));

    private static void AddSpace(WebApplicationBuilder builder, long free) => builder.Services.AddSingleton<FreeSpace>(
        provider => new TestSpace(provider.GetRequiredService<DataFolder>(), logger: provider.GetRequiredService<ILogger<FreeSpace>>()) { Free = free });
}
