using System.Text;
using System.Text.Json;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Ingest.Sources.CloudApi;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources.CloudApi;

public sealed class CloudMapperTests
{
    public static TheoryData<string> Payloads => [.. ExpectedMapping.NamesOf("CloudApi")];

    [Theory]
    [MemberData(nameof(Payloads))]
    public void A_payload_becomes_what_was_written_beside_it(string name)
    {
        var expected = ExpectedMapping.Read("CloudApi", name);
        expected.Check(CloudMapper.Map(expected.Body, ExpectedMapping.ReceivedAt));
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public void What_is_kept_of_a_payload_comes_to_the_same_when_it_is_mapped_again(string name)
    {
        foreach (var kept in CloudMapper.Map(ExpectedMapping.Read("CloudApi", name).Body, ExpectedMapping.ReceivedAt).OfType<Unmappable>())
            Assert.Equal(kept.Reason, Assert.IsType<Unmappable>(Assert.Single(CloudMapper.Map(kept.Body, ExpectedMapping.ReceivedAt))).Reason);
    }

    [Fact]
    public void There_are_forty_payloads_and_more() => Assert.True(Payloads.Count >= 40, $"{Payloads.Count}");

    [Fact]
    public void A_thousand_messages_and_statuses_of_two_entries_and_two_numbers_keep_their_order()
    {
        var body = new StringBuilder("{\"object\":\"whatsapp_business_account\",\"entry\":[");
        for (var entry = 0; entry < 2; entry++)
        {
            body.Append(entry == 0 ? "" : ",").Append("{\"id\":\"1\",\"changes\":[");
            for (var i = 0; i < 250; i++)
            {
                body.Append(i == 0 ? "" : ",").Append($$"""
                    {"field":"messages","value":{"metadata":{"phone_number_id":"{{i % 2}}"},"messages":[{"from":"15550002222","id":"m{{entry}}.{{i}}","timestamp":"1790416800","type":"text","text":{"body":"x"} }],
                     "statuses":[{"id":"s{{entry}}.{{i}}","status":"read","timestamp":"1790416800","recipient_id":"15550002222"}]} }
                    """);
            }

            body.Append("]}");
        }

        var outcomes = CloudMapper.Map(Encoding.UTF8.GetBytes(body.Append("]}").ToString()), ExpectedMapping.ReceivedAt).Cast<MappedEvent>().ToList();
        Assert.Equal(1_000, outcomes.Count);
        var at = 0;
        for (var entry = 0; entry < 2; entry++)
        {
            for (var i = 0; i < 250; i++)
            {
                Assert.Equal($"cloud:{i % 2}:m:m{entry}.{i}", outcomes[at++].Key);
                Assert.Equal($"cloud:{i % 2}:s:s{entry}.{i}:read:15550002222", outcomes[at++].Key);
            }
        }
    }

    [Fact]
    public void A_history_of_three_megabytes_is_split_into_parts_that_hold_every_message_once()
    {
        var threads = string.Join(',', Enumerable.Range(0, 30).Select(thread => $$"""{"id":"1555000{{thread:D4}}","messages":[{{string.Join(',', Enumerable.Range(0, 100).Select(i =>
            $$"""{"from":"1555000{{thread:D4}}","id":"h{{thread}}.{{i}}","timestamp":"1759000000","type":"text","text":{"body":"{{new string('x', 900)}}"},"history_context":{"status":"READ"} }"""))}}]}"""));
        var body = $$"""{"entry":[{"id":"1","changes":[{"field":"history","value":{"metadata":{"phone_number_id":"7"},"history":[{"metadata":{"phase":1,"chunk_order":2,"progress":50},"threads":[{{threads}}]}]} }]}]}""";
        Assert.True(body.Length > 3_000_000);
        var parts = CloudMapper.Map(Encoding.UTF8.GetBytes(body), ExpectedMapping.ReceivedAt).Cast<MappedEvent>().ToList();
        var ids = new List<string>();
        for (var i = 0; i < parts.Count; i++)
        {
            Assert.True(parts[i].Data.Length <= EventData.MaxBytes);
            using var data = JsonDocument.Parse(parts[i].Data);
            var history = data.RootElement.GetProperty("event");
            Assert.Equal((i + 1, parts.Count), (history.GetProperty("part").GetInt32(), history.GetProperty("parts").GetInt32()));
            Assert.Equal(50, history.GetProperty("Data").GetProperty("progress").GetInt32());
            ids.AddRange(history.GetProperty("Data").GetProperty("conversations").EnumerateArray()
                .SelectMany(chat => chat.GetProperty("messages").EnumerateArray())
                .Select(message => message.GetProperty("message").GetProperty("key").GetProperty("ID").GetString()!));
        }

        Assert.True(parts.Count > 3);
        Assert.Equal(parts.Count, parts.Select(part => part.Key).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 30).SelectMany(thread => Enumerable.Range(0, 100).Select(i => $"h{thread}.{i}")), ids);
    }

    [Fact]
    public void Errors_of_any_size_leave_room_for_the_chats_beside_them()
    {
        var errors = string.Join(',', Enumerable.Repeat("""{"code":2593109,"title":"History sync is turned off"}""", 30_000));
        var messages = string.Join(',', Enumerable.Range(0, 600).Select(i => $$"""{"from":"15550002222","id":"h{{i}}","timestamp":"1759000000","type":"text","text":{"body":"{{new string('x', 900)}}"} }"""));
        var body = $$"""{"entry":[{"id":"1","changes":[{"field":"history","value":{"metadata":{"phone_number_id":"7"},"history":[{"errors":[{{errors}}],"threads":[{"id":"15550002222","messages":[{{messages}}]}]}]} }]}]}""";
        var parts = CloudMapper.Map(Encoding.UTF8.GetBytes(body), ExpectedMapping.ReceivedAt).Cast<MappedEvent>().ToList();
        Assert.All(parts, part => Assert.True(part.Data.Length <= EventData.MaxBytes, $"{part.Data.Length}"));
        using var first = JsonDocument.Parse(parts[0].Data);
        Assert.Equal(2593109, first.RootElement.GetProperty("errors")[0].GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData("\"text\":{\"body\":\"{0}\"}")]
    [InlineData("\"text\":{\"body\":\"x\"},\"{0}\":1")]
    [InlineData("\"text\":{\"body\":\"x\"},\"more\":[{0}]")]
    public void A_message_that_is_too_large_is_trimmed_and_says_so(string content)
    {
        var huge = content.Contains("[{0}]", StringComparison.Ordinal) ? string.Join(',', Enumerable.Repeat("\"yyyyyyyy\"", 250_000)) : new string('y', 2_500_000);
        var body = $$"""{"entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"7"},"messages":[{"from":"15550002222","id":"m1","timestamp":"1790416800","type":"text",{{content.Replace("{0}", huge, StringComparison.Ordinal)}} }]} }]}]}""";
        var mapped = Assert.IsType<MappedEvent>(Assert.Single(CloudMapper.Map(Encoding.UTF8.GetBytes(body), ExpectedMapping.ReceivedAt)));
        Assert.True(mapped.Data.Length <= EventData.MaxBytes);
        using var data = JsonDocument.Parse(mapped.Data);
        Assert.True(data.RootElement.GetProperty("event").GetProperty("truncated").GetBoolean());
        Assert.Equal("m1", data.RootElement.GetProperty("event").GetProperty("Info").GetProperty("ID").GetString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"name\":{\"formatted_name\":\"Ana Lima\"}}")]
    public void More_contacts_than_an_event_may_hold_are_cut_and_not_dropped(string card)
    {
        var cards = string.Join(',', Enumerable.Repeat(card, 3_000_000 / (card.Length + 1)));
        var body = $$$$"""{"entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"7"},"messages":[{"from":"15550002222","id":"m1","type":"contacts","contacts":[{{{{cards}}}}]}]}}]}]}""";
        var mapped = Assert.IsType<MappedEvent>(Assert.Single(CloudMapper.Map(Encoding.UTF8.GetBytes(body), ExpectedMapping.ReceivedAt)));
        Assert.True(mapped.Data.Length <= EventData.MaxBytes);
        using var data = JsonDocument.Parse(mapped.Data);
        Assert.True(data.RootElement.GetProperty("event").GetProperty("Message").GetProperty("contactsArrayMessage").GetProperty("contacts").GetArrayLength() > 1_000);
    }

    [Fact]
    public void A_key_that_would_be_too_long_is_a_hash()
    {
        string KeyOf(string id) => Assert.IsType<MappedEvent>(Assert.Single(CloudMapper.Map(
            Encoding.UTF8.GetBytes($$"""{"entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"7"},"messages":[{"from":"1","id":"{{id}}","type":"text"}]} }]}]}"""),
            ExpectedMapping.ReceivedAt))).Key;
        var longId = new string('é', 200);
        Assert.True(Encoding.UTF8.GetByteCount(KeyOf(longId)) <= 256);
        Assert.NotEqual(KeyOf(longId), KeyOf(longId + "é"));
    }
}
