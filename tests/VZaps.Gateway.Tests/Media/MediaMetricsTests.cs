using System.Text.RegularExpressions;
using VZaps.Gateway.Media;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Operations;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

[Collection(nameof(AloneInTheProcess))]
public sealed class MediaMetricsTests
{
    [Fact]
    public async Task Every_way_of_a_file_is_counted()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:RetrySchedule", "00:00:00.1,1.00:00:00"), ("Media:WaitFor", "00:00:00")));
        var instance = await gateway.NewInstanceAsync();
        await gateway.GetAsync(LinkOf(await gateway.PublishFileAsync(instance, Jpeg(1_000))));
        var fetched = await gateway.PublishUrlAsync(instance, server.Serve("/f", Jpeg(2_000)));
        await gateway.WaitForAsync(instance, IdOf(fetched), "stored");
        var failed = await gateway.PublishUrlAsync(instance, server.Refuse("/none", 404));
        await gateway.WaitForAsync(instance, IdOf(failed), "failed");
        await gateway.GetAsync(LinkOf(failed));
        var pending = await gateway.PublishUrlAsync(instance, server.Refuse("/busy", 503));
        Assert.Equal(202, (await gateway.GetAsync(LinkOf(pending))).Status);
        await gateway.Get<MediaRetention>().RunAsync(TestContext.Current.CancellationToken);
        string[] expected =
        [
            """vzaps_media_received_files_total\{[^}]*outcome="stored"[^}]*source="publish"[^}]*\} 1\n""", """vzaps_media_received_bytes_total\{[^}]*\} 1000\n""",
            """vzaps_media_fetches_total\{[^}]*outcome="stored"[^}]*source="publish"[^}]*\} 1\n""", """vzaps_media_fetches_total\{[^}]*outcome="failed"[^}]*source="publish"[^}]*\} 1\n""",
            """vzaps_media_fetches_total\{[^}]*outcome="retried"[^}]*source="publish"[^}]*\} 2\n""", """vzaps_media_fetched_bytes_total\{[^}]*\} 2000\n""", "vzaps_media_fetch_seconds_count",
            """vzaps_media_requests_total\{[^}]*outcome="served"[^}]*\} 1\n""", """vzaps_media_requests_total\{[^}]*outcome="pending"[^}]*\} 1\n""",
            """vzaps_media_requests_total\{[^}]*outcome="failed"[^}]*\} 1\n""", """vzaps_media_served_bytes_total\{[^}]*\} 1000\n""",
            """vzaps_media_pending\{[^}]*\} 1\n""", """vzaps_media_pending_age_seconds\{[^}]*\} [1-9]""", """vzaps_media_stored_files\{[^}]*\} 2\n""", """vzaps_media_stored_bytes\{[^}]*\} 3000\n""",
        ];
        var text = "";
        var areAll = await Eventually.HoldsAsync(async () =>
        {
            text = await gateway.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            return Array.TrueForAll(expected, pattern => Has(text, pattern));
        });
        Assert.True(areAll, string.Join('\n', expected.Where(pattern => !Has(text, pattern))) + "\n" + string.Join('\n', text.Split('\n').Where(line => line.Contains("media", StringComparison.Ordinal))));
        Assert.DoesNotContain(instance.Id, text, StringComparison.Ordinal);
    }

    private static bool Has(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(10));
}
