using System.Text.Json;
using VZaps.Cli.Gateways;
using VZaps.Cli.Tail;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Gateways;

public sealed class InstanceApiTests
{
    // As deep as an event may be; an answer wraps it a few times more.
    private static readonly string DeepEvent =
        $$$"""{"id":"evt_01M863MTMK0000000006TZTJH4","type":"Message","created_at":"2026-06-23T22:57:17.000Z","data":{"n":{{{new string('[', 62)}}}{{{new string(']', 62)}}} } }""";

    [Fact]
    public async Task An_answer_may_hold_the_deepest_event_that_can_be_published()
    {
        await using var stub = await StubGateway.StartAsync(request => StubAnswer.Data(request.Route.Contains("deadletters", StringComparison.Ordinal)
            ? $$"""{"dead_letters":[{"event_id":"evt_01M863MTMK0000000006TZTJH4","type":"Message","reason":"rejected","deliveries":1,"died_at":"2026-06-23T22:57:17.000Z","event":{{DeepEvent}} }],"total":1,"has_more":false}"""
            : $$"""{"events":[{{DeepEvent}}] }"""));
        await using var api = stub.CreateApi();
        var found = await new EventHistory(api).FirstAsync(null, null, CancellationToken.None);
        Assert.Equal(62, found!.Data.GetRawText().Count(c => c == '['));

        var (code, tool) = await Tool.RunAsync(stub.Environment, "deadletters", "--json");
        Assert.Equal((0, ""), (code, tool.ErrorText));
        using var letter = JsonDocument.Parse(Assert.Single(tool.Output), new JsonDocumentOptions { MaxDepth = 128 });
        Assert.Equal("rejected", letter.RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public void An_interrupted_command_has_the_time_of_the_longest_call() => Assert.True(CommandAction.TimeToEnd > InstanceApi.LongestCall);
}
