using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Media;

/// <summary>Files of events, with a gateway that is killed meanwhile.</summary>
public sealed class MediaKillTests(ITestOutputHelper output)
{
    private static readonly byte[] Picture = [0xff, 0xd8, 0xff, 0xe0, .. RandomNumberGenerator.GetBytes(300_000)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Cloud API")]
    [InlineData("WuzAPI, in S3")]
    [InlineData("published by URL")]
    public async Task A_fetch_that_a_kill_interrupts_is_done_after_the_start(string way)
    {
        await using var server = await FileServer.StartAsync();
        await using var gateway = new GatewayProcess(SentFiles.Settings(server));
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        using var files = new SentFiles(gateway, api, server);
        var instance = await api.CreateInstanceAsync();
        var asked = 0;
        server.Instead = async context =>
        {
            // The first one gets half of it, and then nothing.
            if (!context.Request.Path.StartsWithSegments("/f", StringComparison.Ordinal) || Interlocked.Increment(ref asked) > 1)
                return false;
            (context.Response.ContentType, context.Response.ContentLength) = ("image/jpeg", Picture.Length);
            await context.Response.Body.WriteAsync(Picture.AsMemory(0, Picture.Length / 2), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await files.Ways.Single(one => one.Name == way).SendAsync(instance, new SentFile("image", "image/jpeg", null, Picture));
        await Wait.UntilAsync(() => Volatile.Read(ref asked) == 1, "the file is being fetched");
        await gateway.KillAsync();
        await gateway.StartAsync();
        var link = Assert.Single(await api.ReadHistoryAsync(instance)).GetProperty("data").GetProperty("media_url").GetString()!;
        using var http = new HttpClient();
        Assert.Equal(Picture, await http.GetByteArrayAsync(new Uri(link), Cancel));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Every_event_that_was_answered_has_its_file_after_a_kill()
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        using var http = new HttpClient { BaseAddress = new Uri(gateway.BaseUrl) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", api.AccessToken);
        var (answered, stop) = (new ConcurrentBag<string>(), false);
        var publishing = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref stop))
            {
                if (await TryPublishAsync(http, instance) is { } hash)
                    answered.Add(hash);
            }
        })));
        await Wait.UntilAsync(() => answered.Count >= 40, "some files are published");
        await gateway.KillAsync();
        Volatile.Write(ref stop, value: true);
        await publishing;
        await gateway.StartAsync();

        var events = await api.ReadHistoryAsync(instance);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var data in events.Select(envelope => envelope.GetProperty("data")))
        {
            // Answered or not: an event that is there has its file.
            var bytes = await http.GetByteArrayAsync(new Uri(data.GetProperty("media_url").GetString()!), Cancel);
            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
            Assert.Equal(hash, data.GetProperty("media").GetProperty("sha256").GetString());
            found.Add(hash);
        }

        output.WriteLine($"{answered.Count} answered, {events.Count} events");
        Assert.All(answered, hash => Assert.Contains(hash, found));
        // Only what nobody was told of may lie about, and of that no half: what was unfinished is gone at the first file that comes.
        await TryPublishAsync(http, instance);
        Assert.Empty(Directory.GetFiles(Path.Combine(gateway.Folder, "files", "incoming")));
    }

    private static async Task<string?> TryPublishAsync(HttpClient http, TestInstance instance)
    {
        byte[] file = [0xff, 0xd8, 0xff, 0xe0, .. RandomNumberGenerator.GetBytes(20_000)];
        using var form = new MultipartFormDataContent { { new StringContent("""{"type":"Message","data":{}}"""), "event" } };
        form.Add(new ByteArrayContent(file) { Headers = { ContentType = new("image/jpeg") } }, "file", "a.jpg");
        try
        {
            using var answer = await http.PostAsync($"/instances/{instance.Id}/events", form);
            return answer.StatusCode == HttpStatusCode.Accepted ? Convert.ToHexStringLower(SHA256.HashData(file)) : throw new InvalidOperationException($"{answer.StatusCode}");
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
