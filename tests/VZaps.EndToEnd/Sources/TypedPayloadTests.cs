using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Sources;

/// <summary>What the sources put into events is what the SDK reads out of them, and what <c>docs/events.md</c> says.</summary>
public sealed partial class TypedPayloadTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const string AppSecret = "app-secret-for-tests";

    private static string PayloadsOf(string source) => Path.Combine(ExampleProcess.Root, "tests", "VZaps.Gateway.Tests", "Ingest", "Sources", source, "Payloads");

    [Theory]
    [InlineData("CloudApi", "cloud", """{"phone_number_id":"200000000000002","app_secret":"app-secret-for-tests","waba_id":"100000000000001","phone_number":"15550001111"}""")]
    [InlineData("WuzApi", "wuzapi", "{}")]
    public async Task The_sdk_reads_every_event_of_every_payload(string folder, string kind, string settings)
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        var url = await SetSourceAsync(instance, kind, settings);
        var (received, errors) = (new ConcurrentQueue<EventPayload>(), new ConcurrentQueue<Exception>());
        await using var client = new VZapsClient(new VZapsClientOptions
        {
            BaseUrl = new Uri(gateway.Process.BaseUrl), ClientToken = gateway.Process.ClientToken, ClientSecret = gateway.Process.ClientSecret,
        });
        await using var subscription = await client.Events.SubscribeAsync(
            new EventSubscribeRequest { InstanceId = instance.Id, InstanceToken = instance.Token }, TestContext.Current.CancellationToken);
        subscription.On<EventPayload>(received.Enqueue);
        subscription.OnError(errors.Enqueue);
        await subscription.StartAsync(TestContext.Current.CancellationToken);

        using var http = new HttpClient();
        foreach (var path in Directory.GetFiles(PayloadsOf(folder), "*.json").Where(path => !path.EndsWith(".expected.json", StringComparison.Ordinal)))
            await PostAsync(http, url, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        var count = (await gateway.Api.ReadHistoryAsync(instance)).Count;
        await Wait.UntilAsync(() => received.Count + errors.Count >= count, $"{count} events are handled");
        Assert.Empty(errors);
        Assert.True(count > 20);
    }

    [Fact]
    public void The_page_of_events_names_the_types_and_properties_that_the_sdk_has()
    {
        var page = File.ReadAllText(Path.Combine(ExampleProcess.Root, "docs", "events.md"));
        var types = typeof(EventPayload).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(EventPayload))).ToDictionary(type => type.Name);
        Assert.All(types.Keys, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
        Assert.All(PayloadName().Matches(page), match => Assert.Contains(match.Groups["name"].Value, types.Keys));
        var properties = PropertyColumn().Matches(page).Select(match => match.Groups["name"].Value).ToList();
        Assert.NotEmpty(properties);
        Assert.All(properties, name => Assert.NotNull(typeof(MessageEvent).GetProperty(name)));
    }

    private async Task<Uri> SetSourceAsync(TestInstance instance, string kind, string settings)
    {
        using var answer = await gateway.Api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/sources/{kind}", settings);
        answer.EnsureSuccessStatusCode();
        return new Uri(JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("data").GetProperty("url").GetString()!);
    }

    private static async Task PostAsync(HttpClient http, Uri url, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(AppSecret), body)));
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    [GeneratedRegex(@"`(?<name>\w+Event)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex PayloadName();

    // The second column of the table whose first is a member of Message.
    [GeneratedRegex(@"^\| [^|]+ \| `(?<name>[A-Z]\w+)` \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex PropertyColumn();
}
