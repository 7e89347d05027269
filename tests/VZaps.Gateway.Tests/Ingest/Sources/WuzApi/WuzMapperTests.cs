using System.Text;
using System.Text.Json;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Ingest.Sources.WuzApi;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Media;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources.WuzApi;

public sealed class WuzMapperTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-test-");

    public static TheoryData<string> Payloads => [.. ExpectedMapping.NamesOf("WuzApi")];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Payloads))]
    public void A_payload_becomes_what_was_written_beside_it(string name)
    {
        var expected = ExpectedMapping.Read("WuzApi", name);
        using var extractor = new FileExtractor(new IncomingFiles(new DataFolder(_folder.FullName), new DiskMediaStore(new DataFolder(_folder.FullName), TimeProvider.System), new TestSpace(new DataFolder(_folder.FullName))), int.MaxValue);
        extractor.Write(expected.Body);
        expected.Check(WuzMapper.Map(extractor.Json, new WuzContext(ExpectedMapping.ReceivedAt, null, expected.IsConnected, "15550001111@s.whatsapp.net")));
    }

    [Fact]
    public void There_are_forty_payloads_and_more() => Assert.True(Payloads.Count >= 40, $"{Payloads.Count}");

    [Fact]
    public void A_user_that_the_form_alone_names_is_in_the_key() => Assert.Equal(
        "wuz:u7:m:a@g.us:b@lid:1",
        Assert.IsType<MappedEvent>(Assert.Single(Map("""{"type":"Message","event":{"Info":{"ID":"1","Chat":"a@g.us","Sender":"b:3@lid"}}}""", userId: "u7"))).Key);

    [Fact]
    public void A_group_that_the_account_was_added_to_before_its_number_is_known_names_nobody()
    {
        var mapped = Assert.IsType<MappedEvent>(Assert.Single(Map("""{"type":"JoinedGroup","event":{"JID":"1@g.us"}}""")));
        Assert.Equal(EventType.GroupParticipantsAdd, mapped.Type);
        Assert.False(Event(mapped).TryGetProperty("Join", out _));
    }

    [Theory]
    [InlineData("\"RawMessage\":{\"conversation\":\"{0}\"}", "RawMessage")]
    [InlineData("\"SourceWebMsg\":{\"x\":\"{0}\"}", "SourceWebMsg")]
    public void A_message_that_is_too_large_loses_its_second_copies_first(string copy, string name)
    {
        var quote = "\"Message\":{\"extendedTextMessage\":{\"text\":\"x\",\"contextInfo\":{\"stanzaID\":\"q\",\"quotedMessage\":{\"conversation\":\"q\"}}}}";
        var message = Event(MapLarge($"{quote},{copy}"));
        Assert.True(message.GetProperty("truncated").GetBoolean());
        Assert.False(message.TryGetProperty(name, out _));
        Assert.True(message.GetProperty("Message").GetProperty("extendedTextMessage").GetProperty("contextInfo").TryGetProperty("quotedMessage", out _));
    }

    [Fact]
    public void A_message_that_is_still_too_large_loses_its_quote()
    {
        var content = Event(MapLarge("\"Message\":{\"extendedTextMessage\":{\"text\":\"x\",\"contextInfo\":{\"stanzaID\":\"q\",\"quotedMessage\":{\"conversation\":\"{0}\"}}}}"))
            .GetProperty("Message").GetProperty("extendedTextMessage");
        Assert.Equal("x", content.GetProperty("text").GetString());
        Assert.Equal("q", content.GetProperty("contextInfo").GetProperty("stanzaID").GetString());
        Assert.False(content.GetProperty("contextInfo").TryGetProperty("quotedMessage", out _));
    }

    [Fact]
    public void A_message_whose_text_alone_is_too_large_is_cut_and_not_dropped()
    {
        var message = Event(MapLarge("\"Message\":{\"conversation\":\"{0}\"}"));
        Assert.True(message.GetProperty("truncated").GetBoolean());
        Assert.StartsWith("yyyy", message.GetProperty("Message").GetProperty("conversation").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_that_is_too_large_is_split_by_message_with_names_and_all()
    {
        var messages = string.Join(',', Enumerable.Range(0, 3_000).Select(i => $$"""{"message":{"key":{"remoteJID":"a","ID":"h{{i}}"},"message":{"conversation":"{{new string('x', 500)}}"},"messageTimestamp":1790000000},"msgOrderID":{{i}}}"""));
        var names = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $$"""{"ID":"{{i}}@s.whatsapp.net","pushname":"Name {{i}}"}"""));
        var parts = Map($$"""{"type":"HistorySync","event":{"Data":{"syncType":2,"progress":9,"conversations":[{"ID":"a","unreadCount":2,"messages":[{{messages}}]}],"pushnames":[{{names}}],"globalSettings":{"x":1} } } }""")
            .Cast<MappedEvent>().ToList();
        Assert.True(parts.Count > 2);
        Assert.All(parts, part => Assert.True(part.Data.Length <= EventData.MaxBytes));
        var chats = parts.SelectMany(part => Event(part).GetProperty("Data").GetProperty("conversations").EnumerateArray()).ToList();
        Assert.All(chats, chat => Assert.Equal(("a", 2), (chat.GetProperty("ID").GetString(), chat.GetProperty("unreadCount").GetInt32())));
        Assert.Equal(Enumerable.Range(0, 3_000), chats.SelectMany(chat => chat.GetProperty("messages").EnumerateArray()).Select(message => message.GetProperty("msgOrderID").GetInt32()));
        Assert.Equal(10_000, parts.Sum(part => Event(part).GetProperty("Data").TryGetProperty("pushnames", out var list) ? list.GetArrayLength() : 0));
        Assert.Single(parts, part => Event(part).GetProperty("Data").TryGetProperty("globalSettings", out _));
        Assert.Equal(Enumerable.Range(1, parts.Count), parts.Select(part => Event(part).GetProperty("part").GetInt32()));
    }

    private static MappedEvent MapLarge(string members)
    {
        var body = $$"""{"type":"Message","event":{"Info":{"ID":"1","Chat":"a@g.us","Sender":"b@lid"},{{members.Replace("{0}", new string('y', 2_000_000), StringComparison.Ordinal)}} } }""";
        var mapped = Assert.IsType<MappedEvent>(Assert.Single(Map(body)));
        Assert.True(mapped.Data.Length <= EventData.MaxBytes);
        Assert.Equal("1", Event(mapped).GetProperty("Info").GetProperty("ID").GetString());
        return mapped;
    }

    private static List<SourceOutcome> Map(string body, string? userId = null) =>
        WuzMapper.Map(Encoding.UTF8.GetBytes(body), new WuzContext(ExpectedMapping.ReceivedAt, userId, false, null));

    private static JsonElement Event(MappedEvent mapped) => JsonSerializer.Deserialize<JsonElement>(mapped.Data.Span).GetProperty("event");
}
