using System.Text.Json;
using VZaps.Cli.Screen;
using Xunit;

namespace VZaps.Cli.Tests.Screen;

public sealed class EventPrinterTests
{
    private const string Link = "http://127.0.0.1:8080/media/med_4T9QF0X2M7C1ZJ8B6RWD5N3KHE?instance_id=VZ0123456789ABCDEFGHIJKLMNOPQRSTUV&expires=1790420400&signature=kX3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Fact]
    public void The_link_of_a_file_stands_whole_below_its_event() => Assert.Equal(
        ["22:57:17  Message                  Ana: [picture] this one  evt_1", "          " + Link],
        Print($$"""{"event":{"Info":{"PushName":"Ana"},"Message":{"imageMessage":{"caption":"this one"} } },"media_url":"{{Link}}"}"""));

    [Theory]
    [InlineData("""{"media_url":"javascript:alert(1)","event":{}}""")]
    [InlineData("""{"media_url":"file:///etc/passwd","event":{}}""")]
    [InlineData("""{"media_url":"\ud800","event":{}}""")]
    [InlineData("""{"media_url":7,"event":{}}""")]
    [InlineData("""{"event":{"Info":{"PushName":"\ud800"}}}""")]
    [InlineData("""{"event":{"Info":{"\ud800aaaaaa":1,"PushName":"Ana"}}}""")]
    public void What_is_no_link_or_no_text_is_one_line(string data) => Assert.Single(Print(data));

    private static string[] Print(string data)
    {
        using var output = new StringWriter();
        new EventPrinter(ScreenConsole.Create(output, isTerminal: false, _ => null), EventPrinter.NumberOf)
            .Print("evt_1", EventType.Message, new DateTimeOffset(2026, 6, 23, 22, 57, 17, TimeSpan.Zero), JsonSerializer.Deserialize<JsonElement>(data));
        return output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
