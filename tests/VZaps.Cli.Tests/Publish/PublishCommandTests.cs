using System.Text.Json;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Publish;

/// <summary>The built tool against a stub.</summary>
public sealed class PublishCommandTests
{
    private const string Keyed = """{"type":"Message","data":{},"idempotency_key":"k"}""";

    [Fact]
    public async Task One_event_goes_with_its_key_and_time_and_its_id_is_printed()
    {
        await using var stub = await StubGateway.StartAsync(StubAnswer.Published);
        var (code, tool) = await Tool.RunAsync(
            stub.Environment, "publish", "--type", "Message", "--data", """{"text":"hi"}""", "--key", "k1", "--created-at", "2026-06-23T22:57:17+02:00");
        Assert.Equal((0, "evt_0"), (code, Assert.Single(tool.Output)));

        var request = Assert.Single(stub.Requests);
        Assert.Equal(("POST", $"/instances/{StubGateway.InstanceId}/events"), (request.Method, request.Route));
        Assert.Equal((StubGateway.ClientToken, StubGateway.InstanceToken), (request.Headers["X-Client-Token"], request.Headers["X-Instance-Token"]));
        Assert.Equal("application/x-ndjson", request.Headers["Content-Type"]);
        using var sent = JsonDocument.Parse(request.Body);
        Assert.Equal("k1", sent.RootElement.GetProperty("idempotency_key").GetString());
        Assert.Equal("2026-06-23T20:57:17.000Z", sent.RootElement.GetProperty("created_at").GetString());
        Assert.Equal("hi", sent.RootElement.GetProperty("data").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Lines_of_standard_input_go_in_order_and_each_gets_its_id()
    {
        await using var stub = await StubGateway.StartAsync(StubAnswer.Published);
        var lines = Enumerable.Range(0, 2_500).Select(i => $$"""{"type":"Message","data":{"n":{{i}} } }""").ToList();
        using var tool = Tool.Start(stub.Environment, "publish");
        await tool.Input.WriteAsync(string.Join('\n', lines));
        tool.Input.Close();
        Assert.Equal(0, await tool.WaitAsync());
        Assert.Equal(2_500, tool.Output.Count);
        Assert.Equal(lines, stub.Requests.SelectMany(request => request.Lines));
        Assert.All(stub.Requests, request => Assert.InRange(request.Lines.Length, 1, 1_000));
    }

    [Fact]
    public async Task A_refusal_names_the_line_and_everything_before_it_is_stored()
    {
        await using var stub = await StubGateway.StartAsync(request =>
        {
            var bad = Array.FindIndex(request.Lines, line => line.Contains("bad", StringComparison.Ordinal));
            return bad < 0 ? StubAnswer.Published(request) : StubAnswer.Refusal(400, "unknown_event_type", "'bad' is no type.", bad);
        });
        using var tool = Tool.Start(stub.Environment, "publish", "-", "--json");
        await tool.Input.WriteAsync($"{Keyed}\n\n{Keyed}\n{{\"type\":\"bad\"}}\n{Keyed}\n");
        tool.Input.Close();
        Assert.Equal(1, await tool.WaitAsync());
        Assert.Equal(["""{"line":1,"id":"evt_0","duplicate":false}""", """{"line":3,"id":"evt_1","duplicate":false}"""], tool.Output);
        Assert.Contains("line 4:", tool.ErrorText, StringComparison.Ordinal);
        Assert.Contains("unknown_event_type", tool.ErrorText, StringComparison.Ordinal);
        Assert.Contains("2 event(s) were stored before", tool.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_no_json_is_named()
    {
        await using var stub = await StubGateway.StartAsync(StubAnswer.Published);
        using var tool = Tool.Start(stub.Environment, "publish");
        await tool.Input.WriteAsync($"{Keyed}\n{{oops\n");
        tool.Input.Close();
        Assert.Equal(1, await tool.WaitAsync());
        Assert.Single(tool.Output);
        Assert.Contains("line 2 is not JSON", tool.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_lost_is_tried_again_with_a_key_and_gives_three_without()
    {
        var isLost = true;
        await using var stub = await StubGateway.StartAsync(request => isLost ? Lose() : StubAnswer.Published(request));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "publish", "-t", "Message", "-d", "{}", "--key", "k");
        Assert.Equal(0, code);
        Assert.Equal(2, stub.Requests.Count);

        isLost = true;
        (code, tool) = await Tool.RunAsync(stub.Environment, "publish", "-t", "Message", "-d", "{}");
        Assert.Equal(3, code);
        Assert.Equal(3, stub.Requests.Count);
        Assert.Contains("not known whether", tool.ErrorText, StringComparison.Ordinal);

        StubAnswer Lose()
        {
            isLost = false;
            return StubAnswer.Lost;
        }
    }

    [Fact]
    public async Task Duplicates_are_shown_as_such()
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data("""{"ids":["evt_a"],"duplicates":[0]}"""));
        var (_, tool) = await Tool.RunAsync(stub.Environment, "publish", "-t", "Message", "-d", "{}", "--key", "k", "--json");
        Assert.Equal("""{"line":1,"id":"evt_a","duplicate":true}""", Assert.Single(tool.Output));
    }

    [Fact]
    public async Task An_interrupt_ends_it_while_it_waits_for_input()
    {
        await using var stub = await StubGateway.StartAsync(StubAnswer.Published);
        using var tool = Tool.Start(stub.Environment, "publish");
        await tool.Input.WriteLineAsync(Keyed);
        await tool.Input.FlushAsync();
        await Wait.UntilAsync(() => !tool.Output.IsEmpty, "the first id");
        await tool.InterruptAsync();
        Assert.Equal(130, await tool.WaitAsync());
        Assert.Contains("1 event(s) were stored before", tool.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupt_ends_it_while_it_waits_to_try_again()
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Refusal(429, "rate_limited", retryAfterSeconds: 50));
        using var tool = Tool.Start(stub.Environment, "publish", "-t", "Message", "-d", "{}");
        await Wait.UntilAsync(() => tool.ErrorText.Contains("Trying again", StringComparison.Ordinal), "the wait");
        await tool.InterruptAsync();
        Assert.Equal(130, await tool.WaitAsync());
        Assert.Contains("0 event(s) were stored before", tool.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_account_publishes_where_there_is_no_instance_token()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route == "/token"
            ? new StubAnswer(200, """{"access_token":"jwt-1","token_type":"Bearer","expires_in":3600}""")
            : StubAnswer.Published(request));
        var environment = stub.Environment;
        environment.Remove("VZAPS_INSTANCE_TOKEN");
        environment["VZAPS_CLIENT_SECRET"] = StubGateway.ClientSecret;
        var (code, _) = await Tool.RunAsync(environment, "publish", "-t", "Message", "-d", "{}");
        Assert.Equal(0, code);
        Assert.Equal("Bearer jwt-1", stub.Requests.Single(request => request.Route != "/token").Headers["Authorization"]);
    }

    [Fact]
    public async Task A_message_that_repeats_a_secret_is_shown_without_it()
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Refusal(401, "invalid_instance_token", $"{StubGateway.InstanceToken} is void."));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "publish", "-t", "Message", "-d", "{}");
        Assert.Equal(1, code);
        Assert.Contains("invalid_instance_token", tool.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain(StubGateway.InstanceToken, tool.ErrorText, StringComparison.Ordinal);
    }
}
