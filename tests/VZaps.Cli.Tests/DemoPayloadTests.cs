using VZaps.Cli.Demo.Phone;
using VZaps.Client.Testing;
using Xunit;

namespace VZaps.Cli.Tests;

/// <summary>What the simulated phone says is what the SDK's typed payloads read.</summary>
public sealed class DemoPayloadTests
{
    [Fact]
    public async Task Every_event_of_the_simulated_phone_fits_its_typed_payload()
    {
        await using var gateway = new FakeGateway();
        await using var client = gateway.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(gateway.NewRequest());
        var types = new HashSet<Type>();
        subscription.On<EventPayload>(payload =>
        {
            lock (types)
                types.Add(payload.GetType());
        });
        await subscription.StartAsync();
        var conversation = new Conversation(new Random(7), TimeProvider.System);
        // An event that does not fit is never acked, and the wait says which it is.
        foreach (var next in conversation.Round(1).Concat(conversation.Round(2)).Concat(conversation.Round(3)))
            await gateway.WaitAckedAsync(gateway.Publish(next.Type, next.Data));
        Assert.Equal(9, types.Count);
    }
}
