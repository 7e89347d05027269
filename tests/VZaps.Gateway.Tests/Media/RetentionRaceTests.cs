using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>Files that get an event while retention is about to remove them.</summary>
public sealed class RetentionRaceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_that_gets_a_row_while_it_is_about_to_go_stays()
    {
        var (folder, bytes) = (GatewayFixture.NewFolder(), Jpeg());
        var content = new FileReference(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);
        // As a version without rows kept it, for a payload that is mapped again now.
        var path = Path.Combine(folder, "files", content.Sha256);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-40));
        await using (var gateway = await GatewayFixture.StartAsync(folder, Settings(), builder =>
        {
            builder.RemoveUpkeep();
            builder.WatchStore();
        }))
        {
            var (instance, store, link) = (await gateway.NewInstanceAsync(), (WatchedStore)gateway.Get<IMediaStore>(), "");
            store.Removing = async hash =>
            {
                Assert.Equal(content.Sha256, hash);
                var description = new MediaDescription { Source = MediaSource.WuzApi, MimeType = "image/jpeg", Content = content };
                var attached = await gateway.Get<MediaAttaching>().RegisterAsync(InstanceId.Parse(instance.Id), [description], "https://example.com");
                link = (await gateway.CallAsync(instance, HttpMethod.Get, $"/media/{attached[0].Id.Value}")).GetProperty("media_url").GetString()!;
            };
            Assert.Equal(new MediaUsage(1, bytes.Length, 0), await gateway.Get<MediaRetention>().RunAsync(Cancel));
            Assert.Equal(bytes, (await gateway.GetAsync(new Uri(link).PathAndQuery)).Body);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Retention_that_runs_while_files_come_takes_none_of_a_retained_event()
    {
        const int Rounds = 4, Files = 40, Again = 30;
        var (clock, removed, kept) = (new JumpingClock(), 0L, new SemaphoreSlim(0));
        await using var gateway = await GatewayFixture.StartAsync(
            settings: Settings(("Media:RetentionBytes", "1048576"), ("Log:RetentionAge", "06:00:00"), ("Media:LinkLifetime", "30.00:00:00")), configure: builder =>
            {
                builder.RemoveUpkeep();
                builder.WatchStore();
                builder.Services.AddSingleton<TimeProvider>(clock);
            });
        var (instance, store) = (await gateway.NewInstanceAsync(), (WatchedStore)gateway.Get<IMediaStore>());
        store.Kept = () => kept.Release();
        for (var round = 0; round < Rounds; round++)
        {
            instance = instance with { AccessToken = await gateway.TokenAsync() };
            // A file goes when another one was kept: most are kept again just when their old events have let them go.
            var (published, isPublished) = (0, new CancellationTokenSource());
            store.Removing = async _ => await kept.WaitAsync(isPublished.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var retention = Task.Run(
                async () =>
                {
                    do
                        removed += (await gateway.Get<MediaRetention>().RunAsync(Cancel)).Removed;
                    while (!isPublished.IsCancellationRequested);
                },
                Cancel);
            await Parallel.ForEachAsync(Enumerable.Range(0, Files), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, async (i, _) =>
            {
                var (status, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(50_000 + (i < Again ? i : (round * Files) + i)), "a.jpg", "image/jpeg"));
                Assert.True(status == 202, answer);
                Interlocked.Increment(ref published);
            });
            await isPublished.CancelAsync();
            await retention;
            isPublished.Dispose();
            var events = await gateway.EventsAsync(instance);
            Assert.Equal((Files, Files), (published, events.Length));
            foreach (var data in events.Select(e => e.GetProperty("data")))
            {
                var file = await gateway.GetAsync(LinkOf(data));
                Assert.Equal((200, data.GetProperty("media").GetProperty("sha256").GetString()), (file.Status, Convert.ToHexStringLower(SHA256.HashData(file.Body))));
            }

            clock.Jump(TimeSpan.FromHours(10));
            await gateway.Get<IEventLog>().TrimAsync(Cancel);
        }

        Assert.True(removed > 0);
        kept.Dispose();
    }
}
