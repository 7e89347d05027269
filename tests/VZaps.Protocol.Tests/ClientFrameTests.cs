using System.Text;
using Xunit;

namespace VZaps.Protocol.Tests;

/// <summary>The usual ack is told by its bytes, and every other form is read as JSON: both ways have to say the same.</summary>
public sealed class ClientFrameTests
{
    private static readonly string Id =
        EventPosition.Create(InstanceId.Parse("VZ0123456789ABCDEFGHIJKLMNOPQRSTUV"), 1_790_416_800_000, 42).ToString();

    [Theory]
    [InlineData("event_id")]
    [InlineData("id")]
    [InlineData("eventId")]
    public void An_ack_is_read_alike_with_and_without_blanks(string name)
    {
        var usual = Read($$"""{"type":"ack","{{name}}":"{{Id}}"}""");
        Assert.Equal(ClientFrameKind.Ack, usual.Kind);
        Assert.Equal(Id, usual.Position.ToString());
        Assert.Equal(usual, Read($$"""{"type": "ack", "{{name}}": "{{Id}}"}"""));
        Assert.Equal(usual, Read($$"""{"{{name}}":"{{Id}}","type":"ack"}"""));
        Assert.Equal(usual, Read($$"""{"type":"ack","{{name}}":"{{Id}}","more":1}"""));
    }

    [Theory]
    [InlineData("evt_", ClientFrameKind.Unknown)]
    [InlineData("", ClientFrameKind.Unknown)]
    [InlineData("evt_80000000000000000000000000", ClientFrameKind.Unknown)]
    [InlineData("evt_0000000000000000000000000a", ClientFrameKind.Unknown)]
    public void An_ack_of_no_id_is_the_same_in_both_forms(string id, ClientFrameKind kind)
    {
        Assert.Equal(kind, Read($$"""{"type":"ack","event_id":"{{id}}"}""").Kind);
        Assert.Equal(kind, Read($$"""{"type": "ack","event_id":"{{id}}"}""").Kind);
    }

    [Fact]
    public void What_only_begins_as_an_ack_does_is_none()
    {
        Assert.Equal(ClientFrameKind.Malformed, Read($$"""{"type":"ack","event_id":"{{Id}}"]""").Kind);
        Assert.Equal(ClientFrameKind.Malformed, Read($$"""{"type":"ack","event_id":"{{Id}}""").Kind);
        Assert.Equal(ClientFrameKind.Malformed, Read($$"""{"type":"ack","event_id":"{{Id}}"} x""").Kind);
    }

    private static ClientFrame Read(string text) => ClientFrame.Read(Encoding.UTF8.GetBytes(text));
}
