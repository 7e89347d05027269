using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

public sealed class MediaRetentionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_goes_by_age_but_not_while_a_retained_event_refers_to_it()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, ("Media:RetentionAge", "1.00:00:00"), ("Log:RetentionAge", "2.00:00:00"), ("Media:LinkLifetime", "30.00:00:00"));
        var instance = await gateway.NewInstanceAsync();
        var link = LinkOf(await gateway.PublishFileAsync(instance, Jpeg()));
        clock.Jump(TimeSpan.FromHours(36));
        Assert.Equal(0, (await RunAsync(gateway)).Removed);
        Assert.Equal(200, (await gateway.GetAsync(link)).Status);
        clock.Jump(TimeSpan.FromHours(24));
        await TrimLogAsync(gateway);
        Assert.Equal(new MediaUsage(0, 0, 5_000), await RunAsync(gateway));
        var gone = await gateway.GetAsync(link);
        Assert.Equal((410, "media_gone"), (gone.Status, gone.Error));
    }

    [Fact]
    public async Task A_file_stays_while_one_of_its_events_does()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, ("Media:RetentionAge", "1.00:00:00"), ("Log:RetentionAge", "2.00:00:00"), ("Media:LinkLifetime", "30.00:00:00"));
        var (one, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var first = LinkOf(await gateway.PublishFileAsync(one, Jpeg()));
        // Whole files of the log go: what comes later is in another one.
        clock.Jump(TimeSpan.FromHours(20));
        await TrimLogAsync(gateway);
        clock.Jump(TimeSpan.FromHours(27));
        other = other with { AccessToken = await gateway.TokenAsync() };
        var second = LinkOf(await gateway.PublishFileAsync(other, Jpeg()));
        clock.Jump(TimeSpan.FromHours(10));
        await TrimLogAsync(gateway);
        await RunAsync(gateway);
        Assert.Equal(410, (await gateway.GetAsync(first)).Status);
        Assert.Equal(200, (await gateway.GetAsync(second)).Status);
    }

    [Fact]
    public async Task Beyond_the_limit_of_bytes_the_oldest_go_that_no_event_refers_to()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, ("Media:RetentionBytes", "1048576"), ("Log:RetentionAge", "2.00:00:00"), ("Media:LinkLifetime", "30.00:00:00"));
        var instance = await gateway.NewInstanceAsync();
        var links = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            links.Add(LinkOf(await gateway.PublishFileAsync(instance, Jpeg(400_000, (byte)i))));
            clock.Jump(TimeSpan.FromMinutes(1));
        }

        // All of them are referred to.
        clock.Jump(TimeSpan.FromHours(12));
        Assert.Equal(new MediaUsage(4, 1_600_000, 0), await RunAsync(gateway));
        clock.Jump(TimeSpan.FromHours(50));
        await TrimLogAsync(gateway);
        Assert.Equal(new MediaUsage(2, 800_000, 800_000), await RunAsync(gateway));
        Assert.Equal([410, 410, 200, 200], (await Task.WhenAll(links.Select(link => gateway.GetAsync(link)))).Select(answer => answer.Status));
    }

    [Fact]
    public async Task The_file_of_a_payload_that_could_not_be_mapped_stays_and_one_that_nothing_has_goes()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, ("Log:RetentionAge", "2.00:00:00"));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        // A message without its head is kept, and may be mapped by a later version; a picture of a group is no event.
        var content = Convert.ToBase64String(Jpeg(1_000));
        Assert.Equal(200, await gateway.PostAsync(path, System.Text.Encoding.UTF8.GetBytes($$$"""{"type":"Message","event":{"Message":{}},"base64":"{{{content}}}"}"""), "application/json"));
        Assert.Equal(200, await gateway.PostAsync(path, System.Text.Encoding.UTF8.GetBytes($$"""{"type":"Picture","event":{},"base64":"{{Convert.ToBase64String(Jpeg(2_000))}}"}"""), "application/json"));
        Assert.Equal(new MediaUsage(2, 3_000, 0), await RunAsync(gateway));
        clock.Jump(TimeSpan.FromHours(2));
        Assert.Equal(new MediaUsage(1, 1_000, 2_000), await RunAsync(gateway));
    }

    [Fact]
    public async Task The_file_of_a_kept_payload_stays_as_long_as_that_does()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock, ("Sources:KeptAge", "60.00:00:00"));
        var instance = await gateway.NewInstanceAsync();
        var body = $$$"""{"type":"Message","event":{"Message":{}},"base64":"{{{Convert.ToBase64String(Jpeg(1_000))}}}"}""";
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), System.Text.Encoding.UTF8.GetBytes(body), "application/json"));
        clock.Jump(TimeSpan.FromDays(40));
        Assert.Equal(new MediaUsage(1, 1_000, 0), await RunAsync(gateway));
        clock.Jump(TimeSpan.FromDays(21));
        await gateway.Get<KeptPayloads>().RemoveOldAsync(Cancel);
        Assert.Equal(new MediaUsage(0, 0, 1_000), await RunAsync(gateway));
    }

    [Fact]
    public async Task Files_of_a_version_without_rows_stay_as_long_as_others_do()
    {
        var (clock, folder) = (new JumpingClock(), GatewayFixture.NewFolder());
        Directory.CreateDirectory(Path.Combine(folder, "files"));
        for (var days = 1; days <= 3; days++)
        {
            var path = Path.Combine(folder, "files", new string((char)('0' + days), 64));
            await File.WriteAllBytesAsync(path, new byte[400_000], Cancel);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-days * 5));
        }

        // By their age, and beyond the limit of bytes the oldest.
        foreach (var (bytes, jump, left) in new[] { ("10000000", 0, 3), ("1048576", 0, 2), ("10000000", 19, 2), ("10000000", 2, 1), ("10000000", 5, 0) })
        {
            clock.Jump(TimeSpan.FromDays(jump));
            await using var gateway = await GatewayFixture.StartAsync(folder, Settings(("Media:RetentionBytes", bytes)), builder => builder.Services.AddSingleton<TimeProvider>(clock));
            Assert.Equal(left, (await RunAsync(gateway)).Files);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_files_of_a_deleted_instance_go_within_hours()
    {
        var clock = new JumpingClock();
        await using var gateway = await StartAsync(clock);
        var instance = await gateway.NewInstanceAsync();
        await gateway.PublishFileAsync(instance, Jpeg());
        await gateway.SendAsync(HttpMethod.Delete, $"/instances/{instance.Id}", accessToken: instance.AccessToken);
        clock.Jump(TimeSpan.FromHours(2));
        Assert.Equal(5_000, (await RunAsync(gateway)).Removed);
    }

    private static Task<GatewayFixture> StartAsync(JumpingClock clock, params (string, string)[] settings) =>
        GatewayFixture.StartAsync(settings: Settings(settings), configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));

    private static Task<MediaUsage> RunAsync(GatewayFixture gateway) => gateway.Get<MediaRetention>().RunAsync(Cancel);

    private static async Task TrimLogAsync(GatewayFixture gateway) => await gateway.Get<IEventLog>().TrimAsync(Cancel);
}
