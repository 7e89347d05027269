using System.Text;
using System.Text.Json;
using Xunit;

namespace VZaps.Protocol.Tests;

public sealed class ClientFrameWriterTests
{
    private const string Id = "evt_01J00000000000000000000000";

    [Theory]
    [InlineData(5_000, 5_000)]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(3_600_001, 3_600_000)]
    public void A_nack_asks_for_whole_milliseconds_within_the_hour(double given, long sent) => Assert.Equal(
        $$"""{"type":"nack","event_id":"{{Id}}","delay_ms":{{sent}}}""",
        Encoding.UTF8.GetString(NackFrame.Write(Id, TimeSpan.FromMilliseconds(given))));

    [Fact]
    public void Working_and_a_reject_without_a_reason_name_the_event_alone()
    {
        Assert.Equal($$"""{"type":"working","event_id":"{{Id}}"}""", Encoding.UTF8.GetString(WorkingFrame.Write(Id)));
        Assert.Equal($$"""{"type":"reject","event_id":"{{Id}}"}""", Encoding.UTF8.GetString(RejectFrame.Write(Id, "")));
    }

    [Fact]
    public void A_reasons_quotes_are_escaped_its_half_characters_replaced_and_what_is_too_long_cut_between_characters()
    {
        Assert.Equal("say \"no\" \uFFFD", Reason("say \"no\" \uD83D"));
        Assert.Equal(new string('x', 499), Reason(new string('x', 499) + "\U0001F600 and more"));
        Assert.Equal(500, Reason(new string('x', 501)).Length);
    }

    [Fact]
    public void A_batch_holds_a_thousand_ids_and_leaves_the_rest_for_the_next()
    {
        var ids = Enumerable.Range(1, 1_500).Select(number => $"evt_{number:D26}").ToList();
        var frame = AckFrame.WriteBatch(ids, out var written);
        Assert.Equal(1_000, written);
        using var json = JsonDocument.Parse(frame);
        Assert.Equal("ack", json.RootElement.GetProperty("type").GetString());
        Assert.Equal(ids.Take(1_000), json.RootElement.GetProperty("event_ids").EnumerateArray().Select(id => id.GetString()));
    }

    [Fact]
    public void A_batch_of_one_is_the_plain_ack()
    {
        Assert.Equal(AckFrame.Write(Id), AckFrame.WriteBatch([Id], out var written));
        Assert.Equal(1, written);
        Assert.Throws<ArgumentException>(() => AckFrame.WriteBatch([], out _));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(30_000)]
    [InlineData(65_400)]
    [InlineData(65_490)]
    public void A_batch_of_long_ids_stays_under_what_a_message_may_have(int length)
    {
        var ids = Enumerable.Repeat(new string('x', length), 1_000).ToList();
        var frame = AckFrame.WriteBatch(ids, out var written);
        Assert.InRange(frame.Length, 1, ExtensionProtocol.MaxClientMessageBytes - 1);
        Assert.InRange(written, 1, 1_000);
        using var json = JsonDocument.Parse(frame);
        Assert.Equal("ack", json.RootElement.GetProperty("type").GetString());
    }

    private static string Reason(string given)
    {
        using var json = JsonDocument.Parse(RejectFrame.Write(Id, given));
        return json.RootElement.GetProperty("reason").GetString()!;
    }
}
