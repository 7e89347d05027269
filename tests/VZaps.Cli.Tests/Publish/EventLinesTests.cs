using System.Text;
using VZaps.Cli.Publish;
using Xunit;

namespace VZaps.Cli.Tests.Publish;

public sealed class EventLinesTests
{
    [Fact]
    public async Task Lines_go_as_they_are_with_their_numbers_and_empty_ones_are_passed_over()
    {
        var batch = Assert.Single(await ReadAsync("""{"a": 1}""" + "\r\n\n  \n" + """ {"b":"ü"}""" + "\n"));
        Assert.Equal("{\"a\": 1}\n{\"b\":\"ü\"}\n", Encoding.UTF8.GetString(batch.Body.Span));
        Assert.Equal((1, 4), (batch.LineOf(0), batch.LineOf(1)));
    }

    [Fact]
    public async Task The_last_line_may_do_without_its_break()
    {
        var batches = await ReadAsync("{}\n{\"b\":2}");
        Assert.Equal(2, batches[^1].LastLine);
        Assert.EndsWith("{\"b\":2}\n", Encoding.UTF8.GetString(batches[^1].Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_first_event()
    {
        var batch = Assert.Single(await ReadAsync("\uFEFF{}\n"));
        Assert.Equal("{}\n", Encoding.UTF8.GetString(batch.Body.Span));
    }

    [Fact]
    public async Task An_empty_input_has_no_batch() => Assert.Empty(await ReadAsync("\n\n"));

    [Fact]
    public async Task A_batch_has_at_most_a_thousand_events()
    {
        var batches = await ReadAsync(string.Concat(Enumerable.Repeat("{}\n", 2_001)));
        Assert.Equal([1_000, 1_000, 1], batches.Select(batch => batch.Count));
        Assert.Equal(2_001, batches[^1].FirstLine);
    }

    [Fact]
    public async Task A_batch_stays_below_eight_mebibytes()
    {
        var line = $$"""{"text":"{{new string('x', 1_000_000)}}"}""" + "\n";
        var batches = await ReadAsync(string.Concat(Enumerable.Repeat(line, 20)));
        Assert.Equal(20, batches.Sum(batch => batch.Count));
        Assert.All(batches, batch => Assert.InRange(batch.Body.Length, 1, (8 << 20) - 1));
    }

    [Fact]
    public async Task A_line_that_fits_into_no_request_is_named()
    {
        var bad = await Assert.ThrowsAsync<BadLineException>(() => ReadAsync("{}\n{\"text\":\"" + new string('x', 9_000_000) + "\"}\n"));
        Assert.Equal(2, bad.Line);
    }

    [Theory]
    [InlineData("{\"a\":1")]
    [InlineData("hello")]
    [InlineData("[{}]")]
    [InlineData("{} {}")]
    public async Task A_line_that_is_no_object_is_named_after_what_stands_before_it_was_given_out(string line)
    {
        var batches = new List<EventBatch>();
        var bad = await Assert.ThrowsAsync<BadLineException>(async () =>
        {
            await foreach (var batch in EventLines.ReadAsync(StreamOf($"{{}}\n\n{{}}\n{line}\n{{}}\n"), CancellationToken.None))
                batches.Add(batch);
        });
        Assert.Equal(4, bad.Line);
        Assert.Equal(2, Assert.Single(batches).Count);
    }

    [Fact]
    public async Task A_line_that_is_no_utf8_is_named()
    {
        using var input = new MemoryStream([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        var bad = await Assert.ThrowsAsync<BadLineException>(async () => await EventLines.ReadAsync(input, CancellationToken.None).GetAsyncEnumerator().MoveNextAsync());
        Assert.Contains("UTF-8", bad.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"Message","idempotency_key":"k"}""", true)]
    [InlineData("""{"idempotencyKey":"k","data":{"a":[1,{"b":2}]}}""", true)]
    [InlineData("""{"idempotency_key":null}""", false)]
    [InlineData("""{"data":{"idempotency_key":"of the payload"}}""", false)]
    [InlineData("""{}""", false)]
    public async Task A_batch_is_keyed_where_each_event_has_a_key_of_its_own(string line, bool isKeyed)
    {
        var batch = Assert.Single(await ReadAsync("""{"idempotency_key":"first"}""" + "\n" + line + "\n"));
        Assert.Equal(isKeyed, batch.IsKeyed);
    }

    [Fact]
    public async Task A_line_goes_at_once_though_the_input_goes_on()
    {
        var pipe = new System.IO.Pipelines.Pipe();
        await using var batches = EventLines.ReadAsync(pipe.Reader.AsStream(), CancellationToken.None).GetAsyncEnumerator();
        await pipe.Writer.WriteAsync("{}\n{\"half\":"u8.ToArray());
        Assert.True(await batches.MoveNextAsync());
        Assert.Equal(1, batches.Current.Count);
        await pipe.Writer.WriteAsync("1}\n"u8.ToArray());
        Assert.True(await batches.MoveNextAsync());
        Assert.Equal(2, batches.Current.FirstLine);
    }

    [Fact]
    public async Task Stopping_ends_the_wait_for_more()
    {
        var pipe = new System.IO.Pipelines.Pipe();
        using var stopping = new CancellationTokenSource();
        await using var batches = EventLines.ReadAsync(pipe.Reader.AsStream(), stopping.Token).GetAsyncEnumerator();
        var next = batches.MoveNextAsync();
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public async Task The_part_before_an_event_is_what_was_read_before_it()
    {
        var batch = Assert.Single(await ReadAsync("{\"a\":1}\n\n{\"b\":2}\n{\"c\":3}\n"));
        var part = batch.Before(2);
        Assert.Equal("{\"a\":1}\n{\"b\":2}\n", Encoding.UTF8.GetString(part.Body.Span));
        Assert.Equal((1, 3), (part.FirstLine, part.LastLine));
    }

    private static async Task<List<EventBatch>> ReadAsync(string input)
    {
        var batches = new List<EventBatch>();
        await foreach (var batch in EventLines.ReadAsync(StreamOf(input), CancellationToken.None))
            batches.Add(batch);
        return batches;
    }

    private static MemoryStream StreamOf(string text) => new(Encoding.UTF8.GetBytes(text));
}
