using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Ingest.Sources.SourceCalls;

namespace VZaps.Gateway.Tests.Ingest.Sources;

/// <summary>Payloads that no sender would send: fields missing, of another type, huge, nested, cut short, repeated.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Count = 1_000;

    [Theory]
    [InlineData("CloudApi", 20261126)]
    [InlineData("WuzApi", 20261127)]
    public async Task A_thousand_mutated_payloads_are_answered_200_and_the_account_closes(string source, int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var names = ExpectedMapping.NamesOf(source).ToList();
        await using var gateway = await GatewayFixture.StartAsync(settings: new(StringComparer.Ordinal) { ["Sources:KeptPerSource"] = "10000" });
        var instance = await gateway.NewInstanceAsync();
        var isCloud = source == "CloudApi";
        var path = isCloud ? await gateway.SetCloudAsync(instance) : await gateway.SetWuzAsync(instance);
        // Another number of the same account, to which nothing comes that does not name it, or the account.
        var other = await gateway.NewInstanceAsync();
        if (isCloud)
            await gateway.SetCloudAsync(other, OtherNumber);
        for (var i = 0; i < Count; i++)
        {
            var name = names[random.Next(names.Count)];
            var body = PayloadMutation.Of(ExpectedMapping.Read(source, name).Body, random);
            var (before, othersBefore) = (Received(), OthersReceived());
            var status = isCloud ? await gateway.PostCloudAsync(path, body) : await gateway.PostAsync(path, body, "application/json");
            Assert.True(status == 200, $"seed {seed}, payload {i} of {name}: {status}");
            Assert.True(Received() + OthersReceived() > before + othersBefore || (isCloud && PayloadMutation.HoldsNothing(body)), $"seed {seed}, payload {i} of {name} is lost: {Encoding.UTF8.GetString(body)}");
            Assert.True(OthersReceived() == othersBefore || Names(body, OtherNumber) || Names(body, "account_update"), $"seed {seed}, payload {i} of {name} reached another number");
        }

        long Received() => CountsOf(instance).Received;

        long OthersReceived() => isCloud ? CountsOf(other).Received : 0;

        SourceCounts CountsOf(TestInstance one)
        {
            var directory = gateway.Get<SourceDirectory>();
            return directory.AccountOf(directory.Find(InstanceId.Parse(one.Id), isCloud ? "cloud" : "wuzapi")!).Counts;
        }

        static bool Names(byte[] body, string text) => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

        var account = await gateway.AccountAsync(instance, isCloud ? "cloud" : "wuzapi");
        output.WriteLine($"{account}: {string.Join(", ", account.NotMapped)}");
        var events = await gateway.EventsAsync(instance);
        Assert.Equal(account.Published, events.Length);
        Assert.All(events, one => Assert.Equal(one.GetProperty("type").GetString(), one.GetProperty("data").GetProperty("type").GetString()));
        Assert.True(account.Kept > 50 && account.Published > 50, $"{account}");
        Assert.Equal(account.Kept, (await gateway.CallAsync(instance, HttpMethod.Get, $"/sources/{(isCloud ? "cloud" : "wuzapi")}/kept")).GetProperty("total").GetInt64());
    }
}

/// <summary>One change of a payload.</summary>
internal static class PayloadMutation
{
    public static byte[] Of(byte[] payload, Random random)
    {
        var text = Encoding.UTF8.GetString(payload);
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return payload;
        }

        switch (random.Next(8))
        {
            case 0:
                return payload[..random.Next(payload.Length)];
            case 1:
                return RepeatAKey(text, random);
            case 2:
                // A byte that is of no text, somewhere.
                var broken = (byte[])payload.Clone();
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
                return broken;
            default:
                Change(root!, random);
                return Encoding.UTF8.GetBytes(root!.ToJsonString());
        }
    }

    /// <summary>Whether there is no update in a body of the Cloud API: nothing but empty lists where updates stand.</summary>
    public static bool HoldsNothing(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("entry", out var entries) && entries.ValueKind == JsonValueKind.Array
                && entries.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("changes", out var changes)
                    && changes.ValueKind == JsonValueKind.Array && changes.EnumerateArray().All(IsEmpty));
        }
        catch (JsonException)
        {
            return false;
        }

        static bool IsEmpty(JsonElement change)
        {
            if (change.ValueKind != JsonValueKind.Object || !change.TryGetProperty("value", out var value) || value.ValueKind != JsonValueKind.Object)
                return false;
            var lists = new[] { "messages", "message_echoes", "statuses", "groups", "state_sync" }.Where(name => value.TryGetProperty(name, out _)).Select(name => value.GetProperty(name)).ToList();
            return lists.Count > 0 && lists.All(list => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0);
        }
    }

    private static byte[] RepeatAKey(string text, Random random)
    {
        var quotes = Enumerable.Range(0, text.Length).Where(i => text[i] == '{').ToList();
        return quotes.Count == 0 ? Encoding.UTF8.GetBytes(text)
            : Encoding.UTF8.GetBytes(text.Insert(quotes[random.Next(quotes.Count)] + 1, "\"type\":7,\"id\":\"\\ud800\",\"type\":\"text\",\"event\":{},"));
    }

    private static void Change(JsonNode root, Random random)
    {
        var places = new List<(JsonNode Parent, object Key)>();
        Collect(root, places);
        if (places.Count == 0)
            return;
        var (parent, key) = places[random.Next(places.Count)];
        var value = random.Next(9) switch
        {
            0 => null,
            1 => JsonValue.Create(-1),
            2 => JsonValue.Create(""),
            3 => JsonValue.Create(new string('x', 1_200_000)),
            4 => new JsonArray(),
            5 => new JsonObject(),
            6 => Nested(random.Next(20, 90)),
            7 => JsonValue.Create(true),
            _ => (JsonNode?)JsonValue.Create(1e300),
        };
        if (parent is JsonArray list)
            list[(int)key] = value;
        else if (random.Next(3) == 0)
            ((JsonObject)parent).Remove((string)key);
        else
            parent[(string)key] = value;
    }

    private static JsonNode Nested(int levels)
    {
        JsonNode node = JsonValue.Create("deep");
        for (var i = 0; i < levels; i++)
            node = i % 2 == 0 ? new JsonArray(node) : new JsonObject { ["x"] = node };
        return node;
    }

    private static void Collect(JsonNode node, List<(JsonNode, object)> places)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                places.Add((node, name));
                if (value is not null)
                    Collect(value, places);
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                places.Add((node, i));
                if (items[i] is { } item)
                    Collect(item, places);
            }
        }
    }
}
