using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using VZaps.Gateway;
using VZaps.Gateway.Ingest.Sources;
using Xunit;

namespace VZaps.EndToEnd.Sources;

/// <summary>A sender that posts the same again, from several connections, to a gateway that is killed meanwhile.</summary>
public sealed class SourceKillTests(ITestOutputHelper output)
{
    private const string AppSecret = "app-secret-for-tests", Number = "200000000000002";
    private const int Messages = 1_000, Posts = 10, Connections = 4;

    [Fact]
    public async Task A_batch_that_is_posted_ten_times_from_four_connections_with_a_kill_in_between_is_there_once_also_seven_days_later()
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var url = await SetSourceAsync(api, instance);
        var body = Batch();
        var answered = 0;
        var lost = 0;
        using var http = new HttpClient();
        var posting = Parallel.ForAsync(0, Posts, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (_, _) =>
        {
            while (!await TryPostAsync(http, url, body))
                Interlocked.Increment(ref lost);
            Interlocked.Increment(ref answered);
        });
        await Wait.UntilAsync(() => Volatile.Read(ref answered) >= 1 || posting.IsFaulted, "the first post is answered");
        await gateway.KillAsync();
        await gateway.StartAsync();
        await posting;

        var ids = (await api.ReadHistoryAsync(instance)).ConvertAll(envelope => envelope.GetProperty("data").GetProperty("event").GetProperty("Info").GetProperty("ID").GetString()!);
        output.WriteLine($"{Posts} posts of {Messages} messages, {lost} tries without an answer, {ids.Count} events");
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"wamid.{i}"), ids);
        Assert.True(lost > 0, "the kill met no post: the test shows nothing");

        await gateway.TerminateAsync();
        await PostDaysLaterAsync(gateway.Folder, url, body, TimeSpan.FromDays(7));
    }

    /// <summary>What the killed gateway left, seven days later: Meta's last retry of what it never heard of.</summary>
    private static async Task PostDaysLaterAsync(string folder, Uri url, byte[] body, TimeSpan later)
    {
        await using var app = GatewayApplication.Create(["--urls", "http://127.0.0.1:0", "--data-path", folder], builder => builder.Services.AddSingleton<TimeProvider>(new LaterClock(later)));
        await app.StartAsync();
        var (_, account) = Assert.Single(app.Services.GetRequiredService<SourceDirectory>().All);
        var before = account.Counts;
        using var http = new HttpClient();
        Assert.True(await TryPostAsync(http, new Uri(new Uri(app.Urls.First()), url.AbsolutePath), body));
        Assert.Equal((before.Published, before.Duplicates + Messages), (account.Counts.Published, account.Counts.Duplicates));
        await app.StopAsync();
    }

    private sealed class LaterClock(TimeSpan later) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + later;
    }

    private static async Task<Uri> SetSourceAsync(GatewayApi api, TestInstance instance)
    {
        using var answer = await api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/sources/cloud", $$"""{"phone_number_id":"{{Number}}","app_secret":"{{AppSecret}}"}""");
        answer.EnsureSuccessStatusCode();
        return new Uri(JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("data").GetProperty("url").GetString()!);
    }

    private static async Task<bool> TryPostAsync(HttpClient http, Uri url, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(AppSecret), body)));
        try
        {
            using var answer = await http.SendAsync(request);
            return answer.IsSuccessStatusCode ? true : throw new InvalidOperationException($"{answer.StatusCode}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return false;
        }
    }

    // More than one append takes, so that the kill may fall between two of them.
    private static byte[] Batch() => Encoding.UTF8.GetBytes("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":["
        + string.Join(',', Enumerable.Range(0, Messages).Select(i =>
            $$$"""{"field":"messages","value":{"metadata":{"phone_number_id":"{{{Number}}}"},"messages":[{"from":"15550002222","id":"wamid.{{{i}}}","timestamp":"1790416800","type":"text","text":{"body":"{{{new string('x', 2_000)}}}"}}]}}"""))
        + "]}]}");
}
