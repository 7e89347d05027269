// Subscribes to one instance and prints what arrives until Ctrl+C.
// Needs VZAPS_CLIENT_TOKEN, VZAPS_CLIENT_SECRET, VZAPS_INSTANCE_ID and VZAPS_INSTANCE_TOKEN; VZAPS_BASE_URL where the
// gateway is not at http://localhost:8080.
using VZaps;

string[] required = ["VZAPS_CLIENT_TOKEN", "VZAPS_CLIENT_SECRET", "VZAPS_INSTANCE_ID", "VZAPS_INSTANCE_TOKEN"];
var missing = required.Where(name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))).ToList();
if (missing.Count > 0)
{
    Console.Error.WriteLine($"Set {string.Join(", ", missing)} in the environment first.");
    return 1;
}

static string Setting(string name) => Environment.GetEnvironmentVariable(name)!;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // close first, then end
    stopping.Cancel();
};

try
{
    await using var client = new VZapsClient(new VZapsClientOptions
    {
        ClientToken = Setting("VZAPS_CLIENT_TOKEN"),
        ClientSecret = Setting("VZAPS_CLIENT_SECRET"),
    });

    await using var subscription = await client.Events.SubscribeAsync(new EventSubscribeRequest
    {
        InstanceId = Setting("VZAPS_INSTANCE_ID"),
        InstanceToken = Setting("VZAPS_INSTANCE_TOKEN"),
        Events = [EventType.Message, EventType.ReadReceipt, EventType.Connected, EventType.Disconnected],
        Reconnect = true,
        MaxRetries = 10,
        RetryDelay = TimeSpan.FromSeconds(1),
    }, stopping.Token);

    subscription.OnOpen(() => Console.WriteLine("realtime connected"));
    subscription.On(EventType.Message, async (e, ct) => await Console.Out.WriteLineAsync($"{e.Id} {e.InstanceId} {e.Data}".AsMemory(), ct));
    subscription.On(EventType.All, e => Console.WriteLine($"event {e.Type}"));
    subscription.OnError(error => Console.Error.WriteLine($"error: {error.Message}"));

    // Returns when Ctrl+C has closed the subscription; throws what ended it otherwise.
    await subscription.WaitClosedAsync(stopping.Token);
    return 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return 0; // Ctrl+C before the first connection was open
}
catch (Exception failure) when (failure is VZapsException or ArgumentException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
