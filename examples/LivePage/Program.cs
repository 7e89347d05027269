// A page that shows events as they happen: the server holds the credentials and the subscription, browsers get server-sent events.
// Configuration as in the Worker example; the consumer "ephemeral" keeps no position, as a dashboard wants none.
using LivePage;
using VZaps;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<Watchers>();
builder.Services.AddVZaps(builder.Configuration)
    .AddEventHandler<ShowHandler>("phone")
    .ConfigureSubscription("phone", options => options.Consumer = "ephemeral");
builder.Services.AddHealthChecks().AddVZaps();

var app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/", () => Results.Content(Page.Html, "text/html; charset=utf-8"));
app.MapGet("/live", (Watchers watchers, IHostApplicationLifetime lifetime, CancellationToken gone) =>
    TypedResults.ServerSentEvents(watchers.WatchAsync(gone, lifetime.ApplicationStopping)));
await app.RunAsync();
