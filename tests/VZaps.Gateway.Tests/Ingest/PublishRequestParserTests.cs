using System.Text;
using System.Text.Json;
using VZaps.Gateway.Http;
using VZaps.Gateway.Ingest;
using VZaps.Gateway.Log;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest;

public sealed class PublishRequestParserTests
{
    private static readonly InstanceId Instance = InstanceId.New();
    private static readonly DateTimeOffset Now = new(2026, 6, 23, 22, 57, 17, 42, TimeSpan.Zero);

    [Fact]
    public void One_event_becomes_its_final_envelope_but_for_the_id()
    {
        var draft = Assert.Single(Parse("""{"type":"Message","data":{"type":"Message","event":{"Body":"olá"},"media_url":"https://x"}}"""));

        Assert.Equal(
            $$$"""{"id":"{{{new string('0', 30)}}}","type":"Message","instance_id":"{{{Instance}}}","created_at":"2026-06-23T22:57:17.042Z","data":{"type":"Message","event":{"Body":"olá"},"media_url":"https://x"}}""",
            Encoding.UTF8.GetString(draft.Utf8.Span));
        Assert.Equal(EventType.Message, draft.Type);
        Assert.True(draft.IdempotencyKey.IsEmpty);
    }

    [Theory]
    [InlineData("{}", """{"type":"Presence"}""")]
    [InlineData("{ }", """{"type":"Presence" }""")]
    [InlineData("""{"a":1}""", """{"type":"Presence","a":1}""")]
    [InlineData("""{ "a" : [ {"type":"x"} ] }""", """{"type":"Presence", "a" : [ {"type":"x"} ] }""")]
    [InlineData("""{"a":1,"type":"Presence"}""", """{"a":1,"type":"Presence"}""")]
    public void The_datas_type_is_added_where_it_is_absent(string data, string expected) =>
        Assert.Equal(expected, DataOf(Assert.Single(Parse($$"""{"type":"Presence","data":{{data}}}"""))));

    [Theory]
    [InlineData("2026-06-23T22:57:17Z", "2026-06-23T22:57:17.000Z")]
    [InlineData("2026-06-23T19:57:17.5-03:00", "2026-06-23T22:57:17.500Z")]
    [InlineData("2026-06-23T22:57:17.123456789Z", "2026-06-23T22:57:17.123Z")]
    public void A_given_created_at_is_kept(string given, string expected)
    {
        var draft = Assert.Single(Parse($$"""{"type":"Connected","data":{},"createdAt":"{{given}}"}"""));
        using var envelope = JsonDocument.Parse(draft.Utf8);
        Assert.Equal(expected, envelope.RootElement.GetProperty("created_at").GetString());
    }

    [Fact]
    public void An_array_becomes_a_draft_each_in_its_order()
    {
        var drafts = Parse("""[{"type":"Connected","data":{}},{"data":{"n":2},"type":"Message","idempotency_key":"k"}]""");

        Assert.Equal([EventType.Connected, EventType.Message], drafts.Select(draft => draft.Type));
        Assert.Equal("k"u8.ToArray(), drafts[1].IdempotencyKey.ToArray());
    }

    [Fact]
    public void Lines_become_a_draft_each_and_empty_ones_none()
    {
        var drafts = PublishRequestParser.ParseLines(
            "\n{\"type\":\"Message\",\"data\":{\"n\":1}}\r\n  \n{\"type\":\"Message\",\"data\":{\"n\":2}}"u8, Instance, Now);

        Assert.Equal(["""{"type":"Message","n":1}""", """{"type":"Message","n":2}"""], drafts.Select(DataOf));
    }

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("nonsense", "invalid_json", null)]
    [InlineData("[]", "no_events", null)]
    [InlineData("3", "invalid_event", null)]
    [InlineData("""{"type":"Message","data":{}} {}""", "invalid_json", null)]
    [InlineData("""{"type":"Message","data":{}""", "invalid_json", null)]
    [InlineData("""{"type":"Message"}""", "missing_field", null)]
    [InlineData("""{"data":{}}""", "missing_field", null)]
    [InlineData("""{"type":"Message","data":[]}""", "invalid_field", null)]
    [InlineData("""{"type":"Message","data":null}""", "invalid_field", null)]
    [InlineData("""{"type":"message","data":{}}""", "unknown_event_type", null)]
    [InlineData("""{"type":"All","data":{}}""", "unknown_event_type", null)]
    [InlineData("""{"type":"Message","data":{"type":"Presence"}}""", "type_mismatch", null)]
    [InlineData("""{"type":"Message","data":{"type":3}}""", "invalid_field", null)]
    [InlineData("""{"type":"Message","data":{},"created_at":"yesterday"}""", "invalid_field", null)]
    [InlineData("""{"type":"Message","data":{},"created_at":"2026-06-23"}""", "invalid_field", null)]
    [InlineData("""{"type":"Message","data":{},"created_at":"2026-06-23T22:57:17"}""", "invalid_field", null)]
    [InlineData("""{"type":"Message","data":{},"idempotency_key":""}""", "invalid_field", null)]
    [InlineData("""{"type":"Message","data":{},"idempotency_key":7}""", "invalid_field", null)]
    [InlineData("""{"type":"\ud800","data":{}}""", "invalid_field", null)]
    [InlineData("""[{"type":"Message","data":{}},{"type":"Nope","data":{}}]""", "unknown_event_type", 1)]
    [InlineData("""[{"type":"Message","data":{}},7]""", "invalid_event", 1)]
    public void What_is_wrong_is_refused_by_name_and_place(string body, string code, int? index)
    {
        var problem = Assert.Throws<ProblemException>(() => Parse(body)).Problem;
        Assert.Equal((400, code, index), (problem.Status, problem.Code, problem.Index));
    }

    [Fact]
    public void A_line_that_is_not_json_is_refused_with_its_index()
    {
        var problem = Assert.Throws<ProblemException>(
            () => PublishRequestParser.ParseLines("{\"type\":\"Message\",\"data\":{}}\n{"u8, Instance, Now)).Problem;
        Assert.Equal(("invalid_json", 1), (problem.Code, problem.Index));
    }

    [Fact]
    public void An_idempotency_key_has_256_bytes_at_most()
    {
        Assert.Single(Parse(WithKey(new string('k', 256))));
        Assert.Equal("invalid_field", Assert.Throws<ProblemException>(() => Parse(WithKey(new string('é', 129)))).Problem.Code);

        static string WithKey(string key) => $$"""{"type":"Message","data":{},"idempotency_key":"{{key}}"}""";
    }

    [Fact]
    public void An_event_has_1048576_bytes_as_its_envelope_at_most()
    {
        var overhead = EnvelopeWriter.Measure(EventType.Message, """{"type":"Message","x":""}""".Length);
        Assert.Equal(PublishLimits.MaxEnvelopeBytes, Assert.Single(Parse(WithData(PublishLimits.MaxEnvelopeBytes - overhead))).Utf8.Length);
        var problem = Assert.Throws<ProblemException>(() => Parse(WithData(PublishLimits.MaxEnvelopeBytes - overhead + 1))).Problem;
        Assert.Equal((413, "event_too_large"), (problem.Status, problem.Code));

        static string WithData(int letters) => $$$"""{"type":"Message","data":{"x":"{{{new string('x', letters)}}}"}}""";
    }

    [Fact]
    public void A_request_has_1000_events_at_most()
    {
        Assert.Equal(1_000, Parse(Array(1_000)).Count);
        var problem = Assert.Throws<ProblemException>(() => Parse(Array(1_001))).Problem;
        Assert.Equal((413, "too_many_events"), (problem.Status, problem.Code));

        static string Array(int count) => $"[{string.Join(',', Enumerable.Repeat("""{"type":"Message","data":{}}""", count))}]";
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() =>
        Assert.Equal("invalid_json", Assert.Throws<ProblemException>(
            () => PublishRequestParser.ParseJson([.. "{\"type\":\"Message\",\"data\":{\"x\":\""u8, 0xFF, .. "\"}}"u8], Instance, Now)).Problem.Code);

    private static List<EventDraft> Parse(string body) => PublishRequestParser.ParseJson(Encoding.UTF8.GetBytes(body), Instance, Now);

    private static string DataOf(EventDraft draft)
    {
        using var envelope = JsonDocument.Parse(draft.Utf8);
        return envelope.RootElement.GetProperty("data").GetRawText();
    }
}
