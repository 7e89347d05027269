// A bot that answers: each text message that comes in gets an answer, posted to SENDER_URL, which stands for whatever sends your messages.
// Needs what the Quickstart needs, and SENDER_URL.
using AnsweringBot;
using Examples;
using VZaps;

var stopping = Example.StopOnCtrlC();

using var http = new HttpClient();
var sender = new Sender(http, new Uri(Example.Setting("SENDER_URL")));
await using var client = new VZapsClient(new VZapsClientOptions { ClientToken = Example.Setting("VZAPS_CLIENT_TOKEN"), ClientSecret = Example.Setting("VZAPS_CLIENT_SECRET") });
await using var subscription = await client.Events.SubscribeAsync(new EventSubscribeRequest
{
    InstanceId = Example.Setting("VZAPS_INSTANCE_ID"),
    InstanceToken = Example.Setting("VZAPS_INSTANCE_TOKEN"),
    Events = [EventType.Message],
    Consumer = "answering-bot",
}, stopping);

// A sender that is down makes the handler throw: the message is not acked and comes again.
subscription.On<MessageEvent>((message, received, ct) => message is { IsFromMe: false, Text: { } text }
    ? sender.SendAsync(message.Chat, Answers.To(text), idempotencyKey: received.Id, ct)
    : Task.CompletedTask);
subscription.OnOpen(() => Console.WriteLine("listening"));
subscription.OnError(error => Console.Error.WriteLine(error.Message));
await subscription.WaitClosedAsync(stopping);
