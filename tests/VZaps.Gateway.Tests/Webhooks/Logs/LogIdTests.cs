using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

public sealed class LogIdTests
{
    private readonly FakeTimeProvider _time = new(DeliveryTables.Start);

    [Fact]
    public void Its_text_is_read_back_and_sorts_as_it_does()
    {
        var random = new Random(7);
        var ids = Enumerable.Range(0, 1_000).Select(_ => random.NextInt64()).Append(0).Append(long.MaxValue).Order().ToList();
        var texts = ids.Select(LogId.ToText).ToList();
        Assert.Equal(texts, texts.Order(StringComparer.Ordinal));
        Assert.Equal(ids, texts.Select(text => LogId.TryParse(text, out var id) ? id : -1));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("whl_")]
    [InlineData("whl_000000000000")]
    [InlineData("whl_00000000000000")]
    [InlineData("evt_0000000000000")]
    [InlineData("whl_000000000000U")]
    [InlineData("whl_00000000000a0")]
    [InlineData("whl_8000000000000")] // one more than the highest
    public void Anything_else_is_none(string? text) => Assert.False(LogId.TryParse(text, out _));

    [Fact]
    public void Ids_rise_within_a_millisecond_over_a_clock_that_goes_back_and_over_a_restart()
    {
        var ids = new LogIdSource(_time, last: 0);
        var first = ids.Next();
        Assert.Equal(DeliveryTables.Start, LogId.CreatedAt(first));
        Assert.Equal(first + 1, ids.Next());
        _time.AdjustTime(DeliveryTables.Start.AddHours(-1));
        Assert.Equal(first + 2, ids.Next());
        Assert.Equal(first + 3, new LogIdSource(_time, last: first + 2).Next());
        _time.AdjustTime(DeliveryTables.Start.AddMilliseconds(1));
        Assert.Equal(LogId.FirstOf(DeliveryTables.Start.AddMilliseconds(1)), ids.Next());
    }

    [Fact]
    public async Task None_is_given_out_twice_however_many_ask_at_once()
    {
        var ids = new LogIdSource(_time, last: 0);
        var given = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1_000).Select(_ => ids.Next()).ToList())));
        Assert.Equal(8_000, given.SelectMany(of => of).Distinct().Count());
    }
}
