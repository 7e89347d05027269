using Microsoft.Extensions.Logging;

namespace VZaps.Client.Tests.Subscribing;

public sealed class GapTests
{
    [Fact]
    public async Task A_gap_in_hello_and_a_later_one_are_raised_in_order_and_logged_as_warnings()
    {
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var calls = new List<object>();
        subscription.OnOpen(calls.Add).OnGap(calls.Add);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(gap: $$"""{"from":null,"to":"{{Envelopes.Id(5)}}","events":4,"reason":"retention"}""");
        await connection.SendAsync($$"""{"type":"gap","from":"{{Envelopes.Id(5)}}","to":"{{Envelopes.Id(105)}}","events":99,"reason":"retention"}""");
        await Wait.UntilAsync(() => calls.Count == 3, "open and gaps");
        Assert.IsType<ConnectionOpened>(calls[0]);
        Assert.Equal(new EventGap { To = Envelopes.Id(5), Events = 4, Reason = "retention" }, calls[1]);
        var second = Assert.IsType<EventGap>(calls[2]);
        Assert.Equal(TimeSpan.FromMilliseconds(100), second.Span);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_005), second.FromTime);
        Assert.All(log.Lines.Where(line => line.Id.Id == 1114), line => Assert.Equal(LogLevel.Warning, line.Level));
        Assert.Equal(2, log.Count(1114));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("evt_x")]
    [InlineData("evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    public void A_gap_whose_ends_tell_no_time_has_no_span(string? end)
    {
        var gap = new EventGap { From = end, To = Envelopes.Id(1) };
        Assert.Null(gap.FromTime);
        Assert.NotNull(gap.ToTime);
        Assert.Null(gap.Span);
    }
}
