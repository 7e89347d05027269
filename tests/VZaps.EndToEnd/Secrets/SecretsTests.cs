using System.Net.Http.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using VZaps.EndToEnd.Webhooks;
using Xunit;

namespace VZaps.EndToEnd.Secrets;

/// <summary>A run at <c>Trace</c>, all categories, with everything that carries a credential; then a search through all that was written.</summary>
public sealed class SecretsTests
{
    private const string Payload = "the-text-of-a-private-message", HeaderValue = "the-value-of-a-webhooks-header", UrlSecret = "the-secret-in-a-webhooks-url";

    [Fact]
    public async Task No_secret_and_no_payload_is_in_the_log_of_a_run_at_trace()
    {
        await using var gateway = new GatewayProcess(
            ("VZAPS_Webhooks__AllowedNetworks", "127.0.0.0/8"),
            ("VZAPS_Logging__LogLevel__Microsoft.AspNetCore.DataProtection", "Trace"),
            ("VZAPS_Logging__LogLevel__Default", "Trace"),
            ("VZAPS_Logging__LogLevel__Microsoft", "Trace"),
            ("VZAPS_Logging__LogLevel__Microsoft.AspNetCore", "Trace"),
            ("VZAPS_Logging__LogLevel__Microsoft.EntityFrameworkCore", "Trace"),
            ("VZAPS_Logging__LogLevel__Microsoft.AspNetCore.Server.Kestrel.BadRequests", "Trace"),
            ("VZAPS_Logging__Console__LogLevel__Default", "Trace"),
            ("VZAPS_Logging__Console__LogLevel__Microsoft.AspNetCore.Server.Kestrel.BadRequests", "Trace"));
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var jwt = await api.SignInAsync();
        var secrets = new List<string> { gateway.ClientSecret, instance.Token, jwt, jwt.Split('.')[2], gateway.ClientToken, Payload, "a-wrong-secret" };

        await using var receivers = await Receivers.StartAsync();
        secrets.AddRange([HeaderValue, UrlSecret, await SetWebhookAsync(api, instance, receivers.UrlOf("well"))]);

        foreach (var dialect in Dialect.All)
        {
            await using var client = await RawSubscriber.ConnectAsync(gateway, instance, dialect, ["Message"], jwt);
            var ids = await api.PublishAsync(instance, $$$"""{"type":"Message","data":{"text":"{{{Payload}}}"},"idempotency_key":"{{{dialect.Name}}}"}""");
            foreach (var id in await client.ReceiveIdsAsync(1))
                await client.AckAsync(id);
            await client.SendAsync($"not json but {instance.Token}");
            await client.CloseAsync();
        }

        await Wait.UntilAsync(() => receivers.TakenAt("well").Count == Dialect.All.Count, "the webhook has taken all events");
        await RefuseEverythingAsync(gateway, api, instance, jwt);
        using (var rotated = await api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/token/rotate"))
            secrets.Add((await rotated.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(TestContext.Current.CancellationToken)).GetProperty("token").GetString()!);
        Assert.Equal(0, await gateway.TerminateAsync());

        // The log is the one meant: traces of the server and of the framework are in it.
        Assert.Contains("Request starting", gateway.Output, StringComparison.Ordinal);
        Assert.Contains("Microsoft.EntityFrameworkCore", gateway.Output, StringComparison.Ordinal);
        Assert.Empty(Found(gateway.Output, secrets));
        Assert.Equal(secrets.Count, Found(gateway.Output + string.Join('\n', secrets), secrets).Count);
    }

    /// <summary>Sets a webhook with a secret in its URL and in a header; the secret that signs.</summary>
    private static async Task<string> SetWebhookAsync(GatewayApi api, TestInstance instance, string url)
    {
        using var set = await api.SendAsync(
            HttpMethod.Post, $"/instances/{instance.Id}/webhook", $$$"""{"webhook_url":"{{{url}}}?key={{{UrlSecret}}}","headers":{"X-Key":"{{{HeaderValue}}}"}}""");
        Assert.Equal(200, (int)set.StatusCode);
        var answer = await set.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(TestContext.Current.CancellationToken);
        return answer.GetProperty("data").GetProperty("secret").GetString()!["whsec_".Length..];
    }

    private static async Task RefuseEverythingAsync(GatewayProcess gateway, GatewayApi api, TestInstance instance, string jwt)
    {
        string[] targets =
        [
            $"/events/ws?instance_id={instance.Id}&instance_token=a-wrong-secret&client_token={gateway.ClientToken}",
            $"/events/ws?instance_id={instance.Id}&instanceToken={instance.Token}&accessToken={jwt}x",
            $"/events/ws?instance_id=nonsense&instance_token={instance.Token}&access_token={jwt}",
            $"/events/ws?instance_id={instance.Id}&events=nope&instance_token={instance.Token}&access_token={jwt}",
            $"/consumers/-/events/ws?instance_id={instance.Id}&instance_token={instance.Token}&access_token={jwt}",
        ];
        foreach (var target in targets)
            await Handshake.RefusedAsync(gateway, target);
        foreach (var target in targets)
        {
            using var plain = await api.SendAsync(HttpMethod.Get, target);
            Assert.Equal(426, (int)plain.StatusCode);
        }

        using var wrongPair = await api.SendAsync(HttpMethod.Post, "/token", $$"""{"client_token":"{{gateway.ClientToken}}","client_secret":"a-wrong-secret"}""");
        Assert.Equal(401, (int)wrongPair.StatusCode);
        using var notJson = await api.SendAsync(HttpMethod.Post, "/token", $$"""{"client_secret":"{{gateway.ClientSecret}}", """);
        Assert.Equal(400, (int)notJson.StatusCode);
        using var badEvent = await api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", $$$"""{"type":"Message","data":{"text":"{{{Payload}}}"},"created_at":7}""");
        Assert.Equal(400, (int)badEvent.StatusCode);
        using var unknown = await api.SendAsync(HttpMethod.Get, $"/nowhere?access_token={jwt}");
        Assert.Equal(404, (int)unknown.StatusCode);

        // A request line that is no HTTP, which the server itself refuses.
        using var tcp = new System.Net.Sockets.TcpClient();
        var address = new Uri(gateway.BaseUrl);
        await tcp.ConnectAsync(address.Host, address.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET /events/ws?instance_token={instance.Token} and more HTTP/1.1\r\nHost: x\r\n\r\n"));
        using var reader = new StreamReader(stream);
        Assert.Contains("400", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static List<string> Found(string log, List<string> secrets) =>
        secrets.FindAll(secret => log.Contains(secret, StringComparison.Ordinal));
}
