// One handler, two ways to it: by webhook where the program has a public URL, over a connection of its own where it has none.
// VZaps:Subscriptions:phone:Transport says which: Webhook (with WebhookSecrets), Realtime (with the credentials of the other examples), or Both.
using VZaps;
using WebhookBot;

var builder = WebApplication.CreateBuilder(args);
// Every event may come twice; one that was handled is answered and not handled again, whichever way it came. This store forgets at a restart:
// EfCoreTransaction has one that does not.
var processed = new InMemoryProcessedEventStore();
builder.Services.AddVZaps(builder.Configuration)
    .AddEventHandler<MessageHandler, MessageEvent>("phone")
    .ConfigureSubscription("phone", options => options.Customize = request => request with { ProcessedEvents = processed });
builder.Services.AddHealthChecks().AddVZaps();

var app = builder.Build();
app.MapVZapsWebhook("/hook", "phone");
app.MapHealthChecks("/health");
await app.RunAsync();
