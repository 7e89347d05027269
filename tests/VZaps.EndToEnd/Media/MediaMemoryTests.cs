using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Media;

/// <summary>A large video, and what it costs the gateway's memory on each of its ways.</summary>
public sealed class MediaMemoryTests(ITestOutputHelper output)
{
    private const int VideoBytes = 64 << 20, WarmBytes = 8 << 20, MaxGrowthBytes = 16 << 20, Readers = 20, SlowReaders = 5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_video_of_64_mebibytes_takes_less_than_16_of_memory_on_any_of_its_ways()
    {
        if (!OperatingSystem.IsLinux())
        {
            TestContext.Current.AddWarning("The resident memory of another process is read in /proc: nothing was measured.");
            return;
        }

        await using var server = await FileServer.StartAsync();
        await using var gateway = new GatewayProcess(("VZAPS_Media__AllowedNetworks", "127.0.0.1/32"));
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        using var http = new HttpClient { BaseAddress = new Uri(gateway.BaseUrl), Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", api.AccessToken);
        var source = await SetWuzAsync(api, instance);
        // What is allocated once, for the first file of any size, is not what is measured.
        for (var i = 0; i < 2; i++)
            await RunAsync(http, api, instance, server, source, WarmBytes, memory: null);
        await using var memory = new MemoryWatch(gateway.ProcessId!.Value);
        await RunAsync(http, api, instance, server, source, VideoBytes, memory);
        Assert.True(memory.MaxGrowth < MaxGrowthBytes, $"{memory.MaxGrowth / 1024.0 / 1024:0.0} MiB");
    }

    private async Task RunAsync(HttpClient http, GatewayApi api, TestInstance instance, FileServer server, Uri source, int bytes, MemoryWatch? memory)
    {
        var video = new byte[bytes];
        "\0\0\0\u0018ftypmp42"u8.CopyTo(video);
        RandomNumberGenerator.Fill(video.AsSpan(12));
        var hash = Convert.ToHexStringLower(SHA256.HashData(video));

        using (var form = new MultipartFormDataContent { { new StringContent("""{"type":"Message","data":{}}"""), "event" } })
        {
            form.Add(new ByteArrayContent(video) { Headers = { ContentType = new("video/mp4") } }, "file", "a.mp4");
            using var answer = await http.PostAsync($"/instances/{instance.Id}/events", form, Cancel);
            answer.EnsureSuccessStatusCode();
        }

        Report("published", memory);
        using (var body = new ByteArrayContent(WuzBody(video)) { Headers = { ContentType = new("application/json") } })
        {
            using var answer = await http.PostAsync(source, body, Cancel);
            answer.EnsureSuccessStatusCode();
        }

        Report("taken in as base64", memory);
        server.Routes["/video"] = async context =>
        {
            context.Response.ContentType = "video/mp4";
            context.Response.ContentLength = video.Length;
            await context.Response.Body.WriteAsync(video, context.RequestAborted);
        };
        await api.PublishAsync(instance, $$$"""{"type":"Message","data":{"media_source_url":"{{{server.Url}}}/video"}}""");
        var link = (await api.ReadHistoryAsync(instance))[^1].GetProperty("data").GetProperty("media_url").GetString()!;
        Assert.Equal(hash, await ReadAsync(http, link, isSlow: false));
        Report("fetched", memory);
        var read = await Task.WhenAll(Enumerable.Range(0, Readers).Select(i => ReadAsync(http, link, isSlow: i < SlowReaders)));
        Assert.All(read, one => Assert.Equal(hash, one));
        Report($"served to {Readers}", memory);
    }

    private void Report(string what, MemoryWatch? memory)
    {
        if (memory is not null)
            output.WriteLine($"{what}: at most {memory.MaxGrowth / 1024.0 / 1024:0.0} MiB more than {memory.Before / 1024.0 / 1024:0.0} MiB");
    }

    /// <summary>Reads a file, and gives its hash; a slow reader takes a little and pauses.</summary>
    private static async Task<string> ReadAsync(HttpClient http, string link, bool isSlow)
    {
        using var answer = await http.GetAsync(new Uri(link), HttpCompletionOption.ResponseHeadersRead, Cancel);
        answer.EnsureSuccessStatusCode();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        var buffer = new byte[256 * 1024];
        while (await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, Cancel) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            if (isSlow)
                await Task.Delay(50, Cancel);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] WuzBody(byte[] video)
    {
        var head = Encoding.UTF8.GetBytes(
            $$$$"""{"type":"Message","mimeType":"video/mp4","event":{"Info":{"ID":"{{{{Guid.NewGuid():N}}}}","Chat":"15550002222@s.whatsapp.net"},"Message":{"videoMessage":{"mimetype":"video/mp4"}}},"base64":" """.TrimEnd());
        var body = new byte[head.Length + Base64.GetMaxEncodedToUtf8Length(video.Length) + 2];
        head.CopyTo(body, 0);
        Base64.EncodeToUtf8(video, body.AsSpan(head.Length), out _, out var written);
        "\"}"u8.CopyTo(body.AsSpan(head.Length + written));
        return body;
    }

    private static async Task<Uri> SetWuzAsync(GatewayApi api, TestInstance instance)
    {
        using var answer = await api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/sources/wuzapi", "{}");
        return new Uri(JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("data").GetProperty("url").GetString()!);
    }
}

/// <summary>Looks at the resident memory of a process all the time.</summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly string _status;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _looking;
    private long _most;

    public MemoryWatch(int processId)
    {
        _status = $"/proc/{processId}/status";
        Before = _most = Read();
        _looking = LookAsync();
    }

    public long Before { get; }

    /// <summary>The most that it has had more than at the beginning.</summary>
    public long MaxGrowth => Math.Max(Volatile.Read(ref _most), Read()) - Before;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(_ended.Token))
            Volatile.Write(ref _most, Math.Max(_most, Read()));
    }

    private long Read() => 1024 * long.Parse(File.ReadLines(_status).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal));
}
