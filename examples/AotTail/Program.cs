// A tail of an instance's events as one native file, without a runtime beside it:
//   dotnet publish -c Release examples/AotTail
// Needs what the Quickstart needs. With --check it prints that it has started, and ends.
using System.Diagnostics;
using VZaps;

if (args is ["--check"])
{
    Console.WriteLine($"started after {(DateTime.UtcNow - Process.GetCurrentProcess().StartTime.ToUniversalTime()).TotalMilliseconds:F0} ms");
    return;
}

static string Setting(string name) =>
    Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"Set {name} in the environment first.");

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // close first, then end
    stopping.Cancel();
};

await using var client = new VZapsClient(new VZapsClientOptions { ClientToken = Setting("VZAPS_CLIENT_TOKEN"), ClientSecret = Setting("VZAPS_CLIENT_SECRET") });
await using var subscription = await client.Events.SubscribeAsync(new EventSubscribeRequest
{
    InstanceId = Setting("VZAPS_INSTANCE_ID"),
    InstanceToken = Setting("VZAPS_INSTANCE_TOKEN"),
    Consumer = "ephemeral",
}, stopping.Token);
subscription.OnOpen(() => Console.WriteLine("tailing"));
subscription.On(EventType.All, received => Console.WriteLine(received.Type == EventType.Message && received.As<MessageEvent>() is { Text: { } text } message
    ? $"{received.Id} {message.PushName ?? message.Sender}: {text}"
    : $"{received.Id} {received.Type}"));
subscription.OnError(error => Console.Error.WriteLine(error.Message));
await subscription.WaitClosedAsync(stopping.Token);
