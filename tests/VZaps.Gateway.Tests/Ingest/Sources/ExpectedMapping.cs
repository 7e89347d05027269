using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VZaps.Gateway.Ingest.Sources;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources;

/// <summary>
/// A payload and what it has to become, both files written by hand. In the latter <c>{"$from": "path"}</c> is the value at that path of the payload, and
/// <c>{sha256 path}</c> in a key is the hash of its bytes.
/// </summary>
internal sealed partial class ExpectedMapping
{
    public static readonly DateTimeOffset ReceivedAt = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private readonly JsonNode _expected;

    private ExpectedMapping(string folder, string name)
    {
        Body = File.ReadAllBytes(Path.Combine(folder, name + ".json"));
        _expected = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".expected.json")))!;
    }

    public byte[] Body { get; }

    /// <summary>Whether the instance is connected when the payload comes.</summary>
    public bool IsConnected => _expected["connected"]?.GetValue<bool>() == true;

    public int EventCount => _expected["events"]!.AsArray().Count;

    public int OutcomeCount => EventCount + _expected["not_mapped"]!.AsArray().Count + _expected["kept"]!.AsArray().Count;

    public static string FolderOf(string source) => Path.Combine(AppContext.BaseDirectory, "Ingest", "Sources", source, "Payloads");

    /// <summary>The names of all payloads of a source.</summary>
    public static IEnumerable<string> NamesOf(string source) => Directory.GetFiles(FolderOf(source), "*.expected.json")
        .Select(path => Path.GetFileName(path)[..^".expected.json".Length]).Order(StringComparer.Ordinal);

    public static ExpectedMapping Read(string source, string name) => new(FolderOf(source), name);

    /// <summary>Compares what a mapper made with what it has to make.</summary>
    /// <param name="outcomes">What it made.</param>
    /// <param name="body">The body that it was given, where that is not the payload itself.</param>
    public void Check(IReadOnlyList<SourceOutcome> outcomes, byte[]? body = null)
    {
        body ??= Body;
        var events = outcomes.OfType<MappedEvent>().Select(Describe).ToList();
        var expected = _expected["events"]!.AsArray().Select(one => Resolve(one!, body)).ToList();
        Assert.Equal(expected.Count, events.Count);
        foreach (var (right, made) in expected.Zip(events))
            Assert.True(JsonNode.DeepEquals(right, made), $"expected\n{Indented(right)}\nmade\n{Indented(made)}");
        Assert.Equal(_expected["not_mapped"]!.AsArray().Select(kind => kind!.GetValue<string>()), outcomes.OfType<NotMapped>().Select(one => one.Kind).Order(StringComparer.Ordinal));
        var kept = outcomes.OfType<Unmappable>().Select(one => one.Reason).ToList();
        var reasons = _expected["kept"]!.AsArray().Select(reason => reason!.GetValue<string>()).ToList();
        Assert.Equal(reasons.Count, kept.Count);
        foreach (var (word, reason) in reasons.Zip(kept))
            Assert.Contains(word, reason, StringComparison.Ordinal);
    }

    private static JsonObject Describe(MappedEvent made)
    {
        var described = new JsonObject();
        if (!made.Target.IsTheSourceItself)
            described["to"] = made.Target.PhoneNumberId ?? $"waba:{made.Target.Waba}{(made.Target.Phone is { } phone ? "/" + phone : "")}";
        described["type"] = made.Type.Name;
        described["created_at"] = Rfc3339.ToText(made.CreatedAt);
        described["key"] = made.Key;
        described["data"] = JsonNode.Parse(made.Data.Span);
        return described;
    }

    private static JsonNode? Resolve(JsonNode? node, byte[] body)
    {
        switch (node)
        {
            case JsonObject from when from.Count == 1 && from["$from"] is { } path:
                return JsonNode.Parse(RawAt(body, path.GetValue<string>()));
            case JsonObject members:
                return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Resolve(member.Value, body))));
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Resolve(item, body))]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return JsonValue.Create(HashedPath().Replace(value.GetValue<string>(), match =>
                    Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RawAt(body, match.Groups["path"].Value))))));
            default:
                return node?.DeepClone();
        }
    }

    private static string RawAt(byte[] body, string path)
    {
        using var document = JsonDocument.Parse(body);
        var element = document.RootElement;
        foreach (var step in path.Split('.'))
            element = element.ValueKind == JsonValueKind.Array ? element[int.Parse(step)] : element.GetProperty(step);
        return element.GetRawText();
    }

    private static string Indented(JsonNode? node) => node?.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) ?? "null";

    [GeneratedRegex(@"\{sha256 (?<path>[^}]+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex HashedPath();
}
