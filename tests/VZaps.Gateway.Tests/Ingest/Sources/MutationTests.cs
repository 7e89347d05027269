using System.Text;
using System.Text.Json.Nodes;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

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
        for (var i = 0; i < Count; i++)
        {
            var name = names[random.Next(names.Count)];
            var body = PayloadMutation.Of(ExpectedMapping.Read(source, name).Body, random);
            var status = isCloud ? await gateway.PostCloudAsync(path, body) : await gateway.PostAsync(path, body, "application/json");
            Assert.True(status == 200, $"seed {seed}, payload {i} of {name}: {status}");
        }

        var account = await gateway.AccountAsync(instance, isCloud ? "cloud" : "wuzapi");
        output.WriteLine($"{account}: {string.Join(", ", account.NotMapped)}");
        var events = await gateway.EventsAsync(instance);
        Assert.Equal(account.Published, events.Length);
        Assert.All(events, one => Assert.Equal(one.GetProperty("type").GetString(), one.GetProperty("data").GetProperty("type").GetString()));
        // Nearly every body holds something: none of them is without a trace.
        Assert.True(account.Received > Count * 0.9, $"{account.Received} of {Count}");
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
        catch (System.Text.Json.JsonException)
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
