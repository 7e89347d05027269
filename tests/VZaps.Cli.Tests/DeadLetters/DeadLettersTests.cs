using System.Text.Json;
using VZaps.Cli.DeadLetters;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.DeadLetters;

public sealed class DeadLettersTests
{
    [Fact]
    public async Task The_list_reads_page_after_page()
    {
        await using var stub = await StubGateway.StartAsync(request => request.Route.Contains("after=evt_2", StringComparison.Ordinal)
            ? Page(hasMore: false, total: 3, "evt_3")
            : Page(hasMore: true, total: 3, "evt_1", "evt_2"));
        await using var api = stub.CreateApi();
        var letters = new List<DeadLetter>();
        await foreach (var letter in new DeadLettersApi(api, "billing").ListAsync(long.MaxValue, CancellationToken.None))
            letters.Add(letter);

        Assert.Equal(["evt_1", "evt_2", "evt_3"], letters.Select(letter => letter.EventId));
        Assert.Equal(("rejected", "bad amount", 3), (letters[0].Reason, letters[0].Detail, letters[0].Deliveries));
        Assert.Equal("nacked", Assert.Single(letters[0].Attempts!).Outcome);
        Assert.Equal(
            [$"/instances/{StubGateway.InstanceId}/deadletters?consumer=billing&limit=1000", $"/instances/{StubGateway.InstanceId}/deadletters?consumer=billing&limit=1000&after=evt_2"],
            stub.Requests.Select(request => request.Route));
    }

    [Fact]
    public async Task A_limit_asks_for_no_more_than_it_shows()
    {
        await using var stub = await StubGateway.StartAsync(_ => Page(hasMore: true, total: 9, "evt_1", "evt_2"));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "deadletters", "--limit", "2", "--json");
        Assert.Equal(0, code);
        Assert.Equal(2, tool.Output.Count);
        Assert.EndsWith("consumer=default&limit=2", Assert.Single(stub.Requests).Route, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_says_more_without_moving_on_is_not_asked_for_ever()
    {
        await using var stub = await StubGateway.StartAsync(_ => Page(hasMore: true, total: 9, "evt_1"));
        var (code, _) = await Tool.RunAsync(stub.Environment, "deadletters");
        Assert.Equal(0, code);
        Assert.Equal(2, stub.Requests.Count);
    }

    [Fact]
    public async Task A_letter_is_a_line_and_as_json_has_its_event()
    {
        await using var stub = await StubGateway.StartAsync(_ => Page(hasMore: false, total: 1, "evt_1"));
        var (_, table) = await Tool.RunAsync(stub.Environment, "deadletters", "-c", "billing");
        Assert.Contains(table.Output, line => line.StartsWith("evt_1", StringComparison.Ordinal) && line.Contains("bad amount", StringComparison.Ordinal));
        var (_, json) = await Tool.RunAsync(stub.Environment, "deadletters", "-c", "billing", "--json");
        using var letter = JsonDocument.Parse(Assert.Single(json.Output));
        Assert.Equal("Olá", letter.RootElement.GetProperty("event").GetProperty("data").GetProperty("text").GetString());
        Assert.Contains("Olá", json.Output.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redeliver", "evt_1", "POST", "/deadletters/evt_1/redeliver?consumer=billing", "evt_1 redelivered.")]
    [InlineData("redeliver", "--all", "POST", "/deadletters/redeliver?consumer=billing", "4 redelivered.")]
    [InlineData("delete", "evt_1", "DELETE", "/deadletters/evt_1?consumer=billing", "4 deleted.")]
    [InlineData("delete", "--all", "DELETE", "/deadletters?consumer=billing", "4 deleted.")]
    public async Task One_or_all_are_redelivered_or_deleted(string verb, string which, string method, string route, string said)
    {
        await using var stub = await StubGateway.StartAsync(request => StubAnswer.Data(request.Route.Contains("evt_1/redeliver", StringComparison.Ordinal)
            ? Letter("evt_1")
            : """{"redelivered":4,"deleted":4}"""));
        var (code, tool) = await Tool.RunAsync(stub.Environment, "deadletters", verb, which, "--consumer", "billing");
        Assert.Equal((0, said), (code, Assert.Single(tool.Output)));
        var request = Assert.Single(stub.Requests);
        Assert.Equal((method, $"/instances/{StubGateway.InstanceId}{route}"), (request.Method, request.Route));
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("delete", "evt_1", "--all")]
    public async Task Neither_one_nor_all_is_a_mistake_and_both_are_one_too(params string[] arguments)
    {
        await using var stub = await StubGateway.StartAsync(_ => StubAnswer.Data("""{"deleted":4}"""));
        var (code, _) = await Tool.RunAsync(stub.Environment, ["deadletters", .. arguments]);
        Assert.Equal(2, code);
        Assert.Empty(stub.Requests);
    }

    private static StubAnswer Page(bool hasMore, int total, params string[] ids) => StubAnswer.Data(
        $$"""{"dead_letters":[{{string.Join(',', ids.Select(Letter))}}],"total":{{total}},"next_after":"{{ids[^1]}}","has_more":{{(hasMore ? "true" : "false")}}}""");

    private static string Letter(string id) => $$$"""
        {"event_id":"{{{id}}}","type":"Message","consumer":"billing","reason":"rejected","detail":"bad amount","deliveries":3,
         "attempts":[{"at":"2026-06-23T22:57:17.000Z","connection_id":"c1","outcome":"nacked"}],"died_at":"2026-06-23T22:58:17.000Z","redelivered_at":null,
         "event":{"id":"{{{id}}}","type":"Message","data":{"text":"Olá"} } }
        """;
}
