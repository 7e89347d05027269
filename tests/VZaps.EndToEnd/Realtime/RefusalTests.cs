using System.Net.WebSockets;
using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Realtime;

/// <summary>Every refusal before the upgrade, in the order in which they come.</summary>
public sealed class RefusalTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const string NoInstance = "VZ00000000000000000000000000000000";

    [Fact]
    public async Task A_request_that_is_no_websocket_is_426_whatever_else_is_wrong()
    {
        using var answer = await gateway.Api.SendAsync(HttpMethod.Get, "/events/ws?instance_id=nonsense");
        Assert.Equal(426, (int)answer.StatusCode);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((426, false, "websocket_required"),
            (body.GetProperty("code").GetInt32(), body.GetProperty("success").GetBoolean(), body.GetProperty("error").GetString()));
        Assert.Equal("websocket", answer.Headers.Upgrade.ToString());
    }

    [Theory]
    [InlineData("", 400, "missing_instance_id")]
    [InlineData("instance_id=", 400, "missing_instance_id")]
    [InlineData("instance_id=nonsense", 400, "invalid_instance_id")]
    [InlineData("instance_id={id}&events=message", 400, "unknown_event_type")]
    [InlineData("instance_id={id}&events=Message&events=Nope", 400, "unknown_event_type")]
    [InlineData("instance_id={id}&last_event_id=evt_1", 400, "invalid_event_id")]
    [InlineData("instance_id={id}&consumer=No%20Name", 400, "invalid_consumer")]
    [InlineData("instance_id={id}&consumer=-x", 400, "invalid_consumer")]
    [InlineData("instance_id={id}", 401, "credential_missing")]
    [InlineData("instance_id={id}&instance_token={token}", 401, "credential_missing")]
    [InlineData("instance_id={id}&client_token={client}", 401, "credential_missing")]
    [InlineData("instance_id={id}&access_token={jwt}", 401, "credential_missing")]
    [InlineData("instance_id={id}&instance_token={token}&client_token=wrong", 401, "invalid_client_token")]
    [InlineData("instance_id={id}&instance_token={token}&access_token=wrong", 401, "invalid_access_token")]
    [InlineData("instance_id={id}&instance_token={token}&access_token=wrong&client_token={client}", 401, "invalid_access_token")]
    [InlineData("instance_id={id}&instance_token={token}&access_token={jwt}&client_token=wrong", 401, "invalid_client_token")]
    [InlineData("instance_id=" + NoInstance + "&instance_token={token}&client_token={client}", 404, "instance_not_found")]
    [InlineData("instance_id={id}&instance_token=wrong&client_token={client}", 401, "invalid_instance_token")]
    [InlineData("instance_id={id}&instance_token=wrong&client_token={client}&last_event_id={foreign}", 401, "invalid_instance_token")]
    [InlineData("instance_id={id}&instance_token={token}&client_token={client}&last_event_id={foreign}", 400, "unknown_cursor")]
    public async Task A_handshake_is_refused_with_its_status_and_its_error(string query, int status, string error)
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        var other = await gateway.Api.CreateInstanceAsync();
        var foreign = await gateway.Api.PublishAsync(other, """{"type":"Message","data":{}}""");

        var refusal = await Handshake.RefusedAsync(gateway.Process, "/events/ws?" + query
            .Replace("{id}", instance.Id, StringComparison.Ordinal)
            .Replace("{token}", instance.Token, StringComparison.Ordinal)
            .Replace("{client}", gateway.Process.ClientToken, StringComparison.Ordinal)
            .Replace("{jwt}", gateway.Api.AccessToken, StringComparison.Ordinal)
            .Replace("{foreign}", foreign[0], StringComparison.Ordinal));

        Assert.Equal((status, error), (refusal.Status, refusal.Error));
        Assert.False(string.IsNullOrWhiteSpace(refusal.Message));
        Assert.DoesNotContain(instance.Token, refusal.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_wins_over_the_query_parameter_which_is_then_not_looked_at()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var client = await RawSubscriber.ConnectAsync(
            gateway.Process, instance, Dialect.DotNet, [], more: "&instance_token=wrong&client_token=wrong");
        Assert.Equal(WebSocketState.Open, client.Socket.State);
    }

    [Fact]
    public async Task Too_many_connections_are_429_with_retry_after()
    {
        await using var small = new GatewayProcess(("VZAPS_Limits__ConnectionsPerInstance", "2"), ("VZAPS_Limits__ConnectionsPerAccount", "3"));
        await small.StartAsync();
        using var api = new GatewayApi(small);
        var (first, second) = (await api.CreateInstanceAsync(), await api.CreateInstanceAsync());
        await using var a = await RawSubscriber.ConnectAsync(small, first, Dialect.Go, []);
        await using var b = await RawSubscriber.ConnectAsync(small, first, Dialect.Go, []);

        var ofInstance = await Handshake.RefusedAsync(small, Target(first));
        await using var c = await RawSubscriber.ConnectAsync(small, second, Dialect.Go, []);
        var ofAccount = await Handshake.RefusedAsync(small, Target(second));

        foreach (var refusal in (Handshake.Refusal[])[ofInstance, ofAccount])
        {
            Assert.Equal((429, "too_many_connections"), (refusal.Status, refusal.Error));
            Assert.True(int.Parse(refusal.RetryAfter!) > 0);
        }

        Assert.Contains("ConnectionsPerInstance", ofInstance.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionsPerAccount", ofAccount.Message, StringComparison.Ordinal);

        // A place that was given back can be taken again, once the server is done with who had it.
        await a.CloseAsync();
        await Wait.UntilAsync(() => TakesAsync(small, first), "there is a place again");

        string Target(TestInstance instance) => $"/events/ws?instance_id={instance.Id}&instance_token={instance.Token}&client_token={small.ClientToken}";
    }

    private static async Task<bool> TakesAsync(GatewayProcess gateway, TestInstance instance)
    {
        try
        {
            await using var again = await RawSubscriber.ConnectAsync(gateway, instance, Dialect.Go, []);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }
}
