using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Faults;

/// <summary>
/// Random schedules of faults between the SDK and a real gateway; the two hundred of the SDK's own tests run against a model of one. <c>VZAPS_FAULT_SEED=n</c> runs the one schedule that a
/// failure names.
/// </summary>
public sealed class FaultScheduleTests
{
    private const int Schedules = 24;
    private const int AtATime = 4;
    private const int Events = 120;
    private const int Chunk = 20;
    private const int Chats = 4;

    [Fact]
    public async Task Whatever_goes_wrong_on_the_line_every_event_is_handled_once_first_in_the_order_of_its_chat_and_acked()
    {
        // Of a server without the extension, what was lost in a cut comes again by this.
        await using var gateway = new GatewayProcess(("VZAPS_Delivery__AckTimeout", "00:00:01"));
        await gateway.StartAsync();
        var failures = new ConcurrentQueue<string>();
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("VZAPS_FAULT_SEED"), out var one) ? [one] : Enumerable.Range(1, Schedules);
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (seed, _) =>
        {
            try
            {
                await RunAsync(gateway, seed);
            }
            catch (Exception failure)
            {
                failures.Enqueue($"seed {seed}: {failure.Message}");
            }
        });
        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    private static async Task RunAsync(GatewayProcess gateway, int seed)
    {
        var random = new Random(seed);
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        await using var proxy = new FaultProxy(gateway.BaseUrl);
        for (var faults = 2 + random.Next(4); faults > 0; faults--)
            proxy.SetNext(Draw(random));
        await using var client = NewClient(gateway, proxy, usesExtension: random.Next(3) > 0);
        await using var subscription = await client.Events.SubscribeAsync(new EventSubscribeRequest
        {
            InstanceId = instance.Id, InstanceToken = instance.Token, RetryDelay = TimeSpan.FromMilliseconds(20), MaxConcurrency = random.Next(2) == 0 ? 1 : Chats,
        });
        var handled = new ConcurrentQueue<string>();
        var order = new ConcurrentDictionary<int, ConcurrentQueue<int>>();
        var tries = new ConcurrentDictionary<string, int>();
        var fails = random.Next(10);
        subscription.On(EventType.Message, e =>
        {
            var number = e.Data.GetProperty("number").GetInt32();
            if (tries.AddOrUpdate(e.Id, 1, (_, before) => before + 1) == 1)
            {
                Firsts(e.Data.GetProperty("chat").GetInt32()).Enqueue(number);
                if (number % 10 == fails)
                    throw new InvalidOperationException("the first time");
            }

            handled.Enqueue(e.Id);
        });
        await subscription.StartAsync();
        var ids = new List<string>();
        for (var first = 1; first <= Events; first += Chunk)
        {
            ids.AddRange(await api.PublishAsync(instance, $"[{string.Join(',', Enumerable.Range(first, Chunk).Select(Event))}]"));
            // The next only when these are nearly through, so that each connection has something to lose.
            await Wait.UntilAsync(() => handled.Count >= ids.Count - Chunk, $"most of the first {ids.Count} events are handled", seconds: 60);
        }

        await Wait.UntilAsync(() => handled.Count >= Events, "every event is handled", seconds: 60);
        await Wait.UntilAsync(async () => await LagAsync(api, instance) == 0, "every event is acked");
        Assert.Equal(ids.Order(StringComparer.Ordinal), handled.Order(StringComparer.Ordinal));
        Assert.All(order.Values, chat => Assert.Equal(chat.Order(), chat));

        ConcurrentQueue<int> Firsts(int chat) => order.GetOrAdd(chat, _ => new ConcurrentQueue<int>());
    }

    private static VZapsClient NewClient(GatewayProcess gateway, FaultProxy proxy, bool usesExtension) => new(new VZapsClientOptions
    {
        BaseUrl = new Uri(gateway.BaseUrl),
        RealtimeUrl = new Uri($"ws://{proxy.Address}"),
        ClientToken = gateway.ClientToken,
        ClientSecret = gateway.ClientSecret,
        UseExtension = usesExtension,
        KeepAliveInterval = TimeSpan.FromMilliseconds(300),
        KeepAliveTimeout = TimeSpan.FromMilliseconds(500),
        ConnectTimeout = TimeSpan.FromSeconds(2),
        FailedEventDelay = TimeSpan.FromMilliseconds(1),
    });

    private static LineFaults Draw(Random random) => random.Next(8) switch
    {
        // From the handshake on to the middle of some event.
        0 => new LineFaults { CutAfterBytesToClient = 1 + random.Next(8_000), How = LineEnd.Reset },
        1 => new LineFaults { CutAfterBytesToClient = 1 + random.Next(8_000), How = LineEnd.Fin },
        2 => new LineFaults { CutAfterBytesToClient = 300 + random.Next(8_000), How = LineEnd.Fin, ClosesFirst = true },
        3 => new LineFaults { CutAfterBytesToServer = 1 + random.Next(2_000), How = LineEnd.Reset },
        4 => new LineFaults { DeafClient = true },
        5 => new LineFaults { DeafServer = true },
        6 => new LineFaults { ByteByByte = true, CutAfterBytesToClient = 1 + random.Next(3_000), How = LineEnd.Reset },
        _ => new LineFaults { Delay = TimeSpan.FromMilliseconds(random.Next(30)), CutAfterBytesToClient = 1 + random.Next(8_000), How = LineEnd.Fin },
    };

    private static string Event(int number)
    {
        var chat = number * 7 % 11 % Chats;
        return string.Create(
            CultureInfo.InvariantCulture, $$$"""{"type":"Message","data":{"event":{"Info":{"Chat":"{{{chat}}}@s.whatsapp.net"}},"chat":{{{chat}}},"number":{{{number}}},"text":"{{{new string('x', 100)}}}"}}""");
    }

    private static async Task<long> LagAsync(GatewayApi api, TestInstance instance)
    {
        using var answer = await api.SendAsync(HttpMethod.Get, $"/instances/{instance.Id}/consumers");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("data").EnumerateArray().Single().GetProperty("lag").GetInt64();
    }
}
