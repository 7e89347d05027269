// Prints events as they come, a line each, until Ctrl+C: pulled in a loop, by a consumer that keeps no position.
// Needs what the Quickstart needs. Arguments are the types to show; none for all.
using Examples;
using VZaps;

var stopping = Example.StopOnCtrlC();

await using var client = new VZapsClient(new VZapsClientOptions { ClientToken = Example.Setting("VZAPS_CLIENT_TOKEN"), ClientSecret = Example.Setting("VZAPS_CLIENT_SECRET") });
var request = new EventSubscribeRequest
{
    InstanceId = Example.Setting("VZAPS_INSTANCE_ID"),
    InstanceToken = Example.Setting("VZAPS_INSTANCE_TOKEN"),
    Events = [.. args.Select(EventType.Parse)],
    Consumer = "ephemeral",
};

try
{
    Console.Error.WriteLine("tailing");
    await foreach (var delivery in client.Events.StreamAsync(request, stopping))
    {
        Console.WriteLine($"{delivery.Event.CreatedAt:HH:mm:ss.fff} {delivery.Event.Type} {delivery.Event.Id} {delivery.Event.Data}");
        await delivery.AckAsync();
    }
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    // Ctrl+C.
}
