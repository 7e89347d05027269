using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>Somebody else has the database's one place to write: events wait a moment for what is known of their files, and no longer.</summary>
public sealed class BusyDatabaseTests
{
    // The driver would take 30 s.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_published_event_with_a_file_is_refused_within_the_time()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:RegistrationTimeout", "00:00:01")));
        var instance = await gateway.NewInstanceAsync();
        object published = new { type = "Message", data = new { media_source_url = "https://example.com/a" } };
        using (Hold(gateway))
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal((503, "media_unavailable"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/events", published));
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1), Bound);
            var (status, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg"));
            Assert.Equal(503, status);
            Assert.Contains("media_unavailable", answer, StringComparison.Ordinal);
        }

        Assert.Empty(await gateway.EventsAsync(instance));
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.PublishFileAsync(instance, Jpeg())))).Body);
    }

    [Fact]
    public async Task An_event_of_a_source_goes_out_without_its_file()
    {
        using var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(
            settings: Settings(("Media:RegistrationTimeout", "00:00:01")), configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        using (Hold(gateway))
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(200, await gateway.PostAsync(path, WuzFile("1", "image", "image/jpeg", Jpeg()), "application/json"));
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1), Bound);
            Assert.False((await gateway.NewestAsync(instance)).TryGetProperty("media", out _));
        }

        Assert.Contains("1 files of events of", log.Text, StringComparison.Ordinal);
        Assert.Matches("""vzaps_media_unregistered_total(\{[^}]*\})? 1""", await gateway.Client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task Events_that_wait_hold_no_thread()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:RegistrationTimeout", "00:00:02")));
        var instance = await gateway.NewInstanceAsync();
        object published = new { type = "Message", data = new { media_source_url = "https://example.com/a" } };
        using (Hold(gateway))
        {
            var began = Stopwatch.GetTimestamp();
            var refusals = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => gateway.RefusalAsync(instance, HttpMethod.Post, "/events", published)));
            Assert.All(refusals, refusal => Assert.Equal((503, "media_unavailable"), refusal));
            // With a thread each, they would come one after the other on a machine of a few cores.
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(2), Bound);
        }
    }

    [Fact]
    public async Task Who_waits_gets_its_turn_when_the_other_has_written()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:RegistrationTimeout", "00:01:00")));
        var instance = await gateway.NewInstanceAsync();
        var held = Hold(gateway);
        var waiting = Enumerable.Range(0, 5).Select(i => gateway.PostFormAsync(instance, Form(Jpeg(seed: (byte)i), $"{i}.jpg", "image/jpeg"))).ToList();
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(FilesOf(gateway).Length >= 4)));
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        held.Dispose();
        foreach (var one in waiting)
            Assert.Equal(202, (await one).Status);
    }

    [Fact]
    public async Task A_write_that_fails_leaves_nothing_and_nothing_open()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (instance, catalog) = (await gateway.NewInstanceAsync(), gateway.Get<MediaCatalog>());
        var (first, second) = (RowOf(instance), RowOf(instance));
        await catalog.AddAsync([second], CancellationToken.None);
        await Assert.ThrowsAnyAsync<Exception>(() => catalog.AddAsync([first, RowOf(instance, second.Id)], CancellationToken.None));
        Assert.Null(await catalog.FindAsync(first.ParsedId, CancellationToken.None));
        using (Hold(gateway))
        {
            // So that the write above left the file to others.
        }

        await using (var pooled = await gateway.Get<IDbContextFactory<GatewayDatabase>>().CreateDbContextAsync(CancellationToken.None))
            Assert.Equal(AutoTransactionBehavior.WhenNeeded, pooled.Database.AutoTransactionBehavior);
        await catalog.AddAsync([first], CancellationToken.None);
        Assert.NotNull(await catalog.FindAsync(first.ParsedId, CancellationToken.None));
        await catalog.RemoveAsync([first.Id, second.Id], CancellationToken.None);
        Assert.Null(await catalog.FindAsync(second.ParsedId, CancellationToken.None));
    }

    private static MediaRow RowOf(TestInstance instance, string? id = null) => new()
    {
        Id = id ?? MediaId.New().Value, Instance = instance.Id, Source = MediaSource.Publish, Status = MediaStatus.Failed, MimeType = "image/jpeg",
    };

    /// <summary>Writes to the database, and does not come to an end until it is disposed.</summary>
    private static SqliteConnection Hold(GatewayFixture gateway)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(gateway.DataPath, GatewayDatabase.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }
}
