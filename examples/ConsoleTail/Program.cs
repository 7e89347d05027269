// Prints events as they come, a line each, until Ctrl+C: pulled in a loop, by a consumer that keeps no position.
// Needs what the Quickstart needs. Arguments are the types to show; none for all.
using VZaps;

static string Setting(string name) =>
    Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"Set {name} in the environment first.");

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // end the loop first
    stopping.Cancel();
};

await using var client = new VZapsClient(new VZapsClientOptions { ClientToken = Setting("VZAPS_CLIENT_TOKEN"), ClientSecret = Setting("VZAPS_CLIENT_SECRET") });
var request = new EventSubscribeRequest
{
    InstanceId = Setting("VZAPS_INSTANCE_ID"),
    InstanceToken = Setting("VZAPS_INSTANCE_TOKEN"),
    Events = [.. args.Select(EventType.Parse)],
    Consumer = "ephemeral",
};

try
{
    Console.Error.WriteLine("tailing");
    await foreach (var delivery in client.Events.StreamAsync(request, stopping.Token))
    {
        Console.WriteLine($"{delivery.Event.CreatedAt:HH:mm:ss.fff} {delivery.Event.Type} {delivery.Event.Id} {delivery.Event.Data}");
        await delivery.AckAsync();
    }
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Ctrl+C.
}
