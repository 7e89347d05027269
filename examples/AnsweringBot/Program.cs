// A bot that answers: each text message that comes in gets an answer, posted to SENDER_URL, which stands for whatever sends your messages.
// Needs what the Quickstart needs, and SENDER_URL.
using AnsweringBot;
using VZaps;

static string Setting(string name) =>
    Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"Set {name} in the environment first.");

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // close first, then end
    stopping.Cancel();
};

using var http = new HttpClient();
var sender = new Sender(http, new Uri(Setting("SENDER_URL")));
await using var client = new VZapsClient(new VZapsClientOptions { ClientToken = Setting("VZAPS_CLIENT_TOKEN"), ClientSecret = Setting("VZAPS_CLIENT_SECRET") });
await using var subscription = await client.Events.SubscribeAsync(new EventSubscribeRequest
{
    InstanceId = Setting("VZAPS_INSTANCE_ID"),
    InstanceToken = Setting("VZAPS_INSTANCE_TOKEN"),
    Events = [EventType.Message],
    Consumer = "answering-bot",
}, stopping.Token);

// A sender that is down makes the handler throw: the message is not acked and comes again.
subscription.On<MessageEvent>((message, received, ct) => message is { IsFromMe: false, Text: { } text }
    ? sender.SendAsync(message.Chat, Answers.To(text), idempotencyKey: received.Id, ct)
    : Task.CompletedTask);
subscription.OnOpen(() => Console.WriteLine("listening"));
subscription.OnError(error => Console.Error.WriteLine(error.Message));
await subscription.WaitClosedAsync(stopping.Token);
