using System.Text.Json;
using VZaps.Cli.Consumers;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Consumers;

public sealed class ConsumersTests
{
    private const string Busy = """
        {"name":"billing","position":"evt_01M863MTMK0000000006TZTJH4","lag":12,"lag_seconds":3.5,"types":["Message","ReadReceipt"],
         "connections":[{"id":"c1","address":"10.0.0.7","user_agent":"bot\u001b[31m/1","connected_at":"2026-06-23T22:57:17.000Z","types":["Message"],
           "extension":true,"open":4,"window":1024,"window_full_since":null,"sent":100,"acked":96}],
         "window_full_since":"2026-06-23T22:58:00.000Z","last_gap":{"from":null,"to":"evt_01M863MTMK0000000006TZTJH4","events":7,"reason":"retention","at":"2026-06-23T22:00:00.000Z"},
         "dead_letters":2}
        """;

    private const string New = """
        {"name":"default","position":null,"lag":0,"lag_seconds":0.0,"types":[],"connections":[],"window_full_since":null,"last_gap":null,"dead_letters":0}
        """;

    [Fact]
    public async Task All_that_the_gateway_says_of_a_consumer_is_read()
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data($"[{Busy},{New}]"));
        await using var api = stub.CreateApi();
        var consumers = await new ConsumersApi(api).ListAsync(CancellationToken.None);

        Assert.Equal($"/instances/{StubGateway.InstanceId}/consumers", Assert.Single(stub.Requests).Route);
        Assert.Equal(["billing", "default"], consumers.Select(consumer => consumer.Name));
        var billing = consumers[0];
        Assert.Equal((12, 3.5, 2), (billing.Lag, billing.LagSeconds, billing.DeadLetters));
        Assert.Equal(7, billing.LastGap!.Events);
        var connection = Assert.Single(billing.Connections!);
        Assert.Equal(("10.0.0.7", 4, 1024, 100, 96), (connection.Address, connection.Open, connection.Window, connection.Sent, connection.Acked));
        Assert.Null(consumers[1].Position);
    }

    [Fact]
    public async Task A_table_has_a_line_for_each_consumer_and_connection_and_nothing_that_steers_the_terminal()
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data($"[{Busy},{New}]"));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "consumers");
        Assert.Equal(0, code);
        var output = string.Join('\n', tool.Output);
        Assert.DoesNotContain('\u001b', output);
        Assert.Equal(["billing", "12", "3.5", "s", "1", "2"], Words(tool.Output.Single(line => line.StartsWith("billing", StringComparison.Ordinal) && line.Contains("evt_", StringComparison.Ordinal)))[..6]);
        Assert.Contains(tool.Output, line => line.StartsWith("default", StringComparison.Ordinal));
        Assert.Contains(tool.Output, line => line.Contains("10.0.0.7", StringComparison.Ordinal) && line.Contains("1024", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_one_consumer_a_line()
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data($"[{Busy},{New}]"));
        var (_, tool) = await Tool.RunAsync(stub.Environment, "consumers", "--json");
        Assert.Equal(2, tool.Output.Count);
        using var first = JsonDocument.Parse(tool.Output.First());
        Assert.Equal(3.5, first.RootElement.GetProperty("lag_seconds").GetDouble());
        Assert.Equal("retention", first.RootElement.GetProperty("last_gap").GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("--to", "end", """{"to":"end"}""")]
    [InlineData("--after", "evt_01M863MTMK0000000006TZTJH4", """{"event_id":"evt_01M863MTMK0000000006TZTJH4"}""")]
    [InlineData("--time", "2026-06-23T00:00:00Z", """{"time":"2026-06-23T00:00:00Z"}""")]
    public async Task Seek_says_where_to(string option, string value, string body)
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data(New));
        var (code, _) = await Tool.RunAsync(stub.Environment, "consumers", "seek", "default", option, value);
        Assert.Equal(0, code);
        var request = Assert.Single(stub.Requests);
        Assert.Equal(("POST", $"/instances/{StubGateway.InstanceId}/consumers/default/seek", body), (request.Method, request.Route, request.Body));
        Assert.Equal("application/json", request.Headers["Content-Type"]);
    }

    [Fact]
    public async Task A_connected_consumer_is_moved_and_forgotten_by_force_alone()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route.EndsWith("?force=true", StringComparison.Ordinal)
            ? StubAnswer.Data(request.Method == "DELETE" ? """{"name":"a.b","forgotten":true}""" : New)
            : StubAnswer.Refusal(409, "consumer_connected", "Consumer 'a.b' has 1 live connection(s)."));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "consumers", "forget", "a.b");
        Assert.Equal(1, code);
        Assert.Contains("consumer_connected: Consumer 'a.b' has 1 live connection(s).", tool.ErrorText, StringComparison.Ordinal);
        (code, tool) = await Tool.RunAsync(stub.Environment, "consumers", "forget", "a.b", "--force");
        Assert.Equal((0, "Forgot a.b."), (code, Assert.Single(tool.Output)));
        (code, _) = await Tool.RunAsync(stub.Environment, "consumers", "seek", "a.b", "--to", "start", "--force");
        Assert.Equal(0, code);
        Assert.Equal(["DELETE", "DELETE", "POST"], stub.Requests.Select(request => request.Method));
    }

    [Theory]
    [InlineData]
    [InlineData("--to", "end", "--after", "evt_01M863MTMK0000000006TZTJH4")]
    [InlineData("--to", "middle")]
    [InlineData("--time", "yesterday")]
    [InlineData("--after", "evt_1")]
    public async Task A_seek_that_names_no_place_sends_nothing(params string[] options)
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data(New));
        var (code, _) = await Tool.RunAsync(stub.Environment, ["consumers", "seek", "default", .. options]);
        Assert.Equal(2, code);
        Assert.Empty(stub.Requests);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
