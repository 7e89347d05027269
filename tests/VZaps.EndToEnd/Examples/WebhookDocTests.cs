using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VZaps.Client.Testing;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Examples;

/// <summary>The receivers of docs/webhooks.md, as they stand there.</summary>
public sealed partial class WebhookDocTests
{
    private static readonly string Doc = File.ReadAllText(Path.Combine(ExampleProcess.Root, "docs", "webhooks.md"));

    [Theory]
    [InlineData("js", "node")]
    [InlineData("python", "python3")]
    public async Task A_receiver_in_another_language_takes_what_is_signed_once_and_refuses_the_rest(string language, string program)
    {
        var folder = Directory.CreateTempSubdirectory("vzaps-receiver-");
        try
        {
            var file = Path.Combine(folder.FullName, "receiver." + language);
            await File.WriteAllTextAsync(file, Block(language), TestContext.Current.CancellationToken);
            var (webhook, port) = (new FakeWebhook(), GatewayProcess.FreePort());
            await using var receiver = ExampleProcess.StartProgram(
                program,
                [file],
                Settings(webhook.Secret, port));
            await receiver.SeesAsync("listening");
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

            Assert.InRange(await SendAsync(http, Post(webhook, "evt_1")), HttpStatusCode.OK, HttpStatusCode.NoContent);
            await receiver.SeesAsync("Message evt_1");
            Assert.InRange(await SendAsync(http, Post(webhook, "evt_1")), HttpStatusCode.OK, HttpStatusCode.NoContent);
            Assert.Single(receiver.Lines, line => line.Contains("evt_1", StringComparison.Ordinal));

            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(http, Post(new FakeWebhook(), "evt_2")));
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(http, Post(webhook, "evt_3", TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(6))));
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(http, new HttpRequestMessage(HttpMethod.Post, "/hook") { Content = new StringContent("{}") }));
            var changed = Post(webhook, "evt_4");
            changed.Content = new StringContent("""{"type":"Message","event":{"text":"changed"}}""");
            Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(http, changed));
            Assert.DoesNotContain(receiver.Lines, line => LaterEvent().IsMatch(line));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("js", "node")]
    [InlineData("python", "python3")]
    public async Task A_receiver_in_another_language_takes_what_the_gateway_posts(string language, string program)
    {
        await using var gateway = new GatewayProcess(("VZAPS_Webhooks__AllowedNetworks", "127.0.0.0/8"));
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var folder = Directory.CreateTempSubdirectory("vzaps-receiver-");
        try
        {
            var port = GatewayProcess.FreePort();
            using var set = await api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/webhook", $$"""{"webhookURL":"http://127.0.0.1:{{port}}/hook"}""");
            var secret = JsonNode.Parse(await set.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["data"]!["secret"]!.GetValue<string>();
            var file = Path.Combine(folder.FullName, "receiver." + language);
            await File.WriteAllTextAsync(file, Block(language), TestContext.Current.CancellationToken);
            await using var receiver = ExampleProcess.StartProgram(program, [file], Settings(secret, port));
            await receiver.SeesAsync("listening");
            var id = (await api.PublishAsync(instance, """{"type":"Message","data":{"event":{"text":"Olá 👍🏽"}}}""")).Single();
            await receiver.SeesAsync($"Message {id}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_program_in_CSharp_is_the_example()
    {
        var program = File.ReadAllLines(Path.Combine(ExampleProcess.Root, "examples", "WebhookBot", "Program.cs")).SkipWhile(line => line.StartsWith("//", StringComparison.Ordinal));
        Assert.Contains(string.Join('\n', program), Doc, StringComparison.Ordinal);
    }

    private static (string Name, string Value)[] Settings(string secret, int port) =>
        [("WEBHOOK_SECRET", secret), ("PORT", $"{port}"), ("NODE_PATH", Path.Combine(ExampleProcess.Root, "tests", "standardwebhooks", "node_modules"))];

    private static string Block(string language) => Doc.Split($"```{language}\n")[1].Split("```")[0];

    private static HttpRequestMessage Post(FakeWebhook webhook, string id, DateTimeOffset? signedAt = null) =>
        webhook.NewPost("/hook", EventType.Message, """{"type":"Message","event":{"text":"Olá"}}""", id, signedAt: signedAt);

    private static async Task<HttpStatusCode> SendAsync(HttpClient http, HttpRequestMessage post)
    {
        using (post)
        {
            using var answer = await http.SendAsync(post);
            return answer.StatusCode;
        }
    }

    [GeneratedRegex("evt_[2-4]", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex LaterEvent();
}
