// A service that handles events for as long as it runs: handlers out of the container, a scope for each event, a health check.
// Its configuration is appsettings.json or the environment: VZaps__ClientToken, VZaps__ClientSecret,
// VZaps__Subscriptions__phone__InstanceId, VZaps__Subscriptions__phone__InstanceToken.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VZaps;
using Worker;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddScoped<Inbox>();
builder.Services.AddVZaps(builder.Configuration)
    .AddEventHandler<MessageHandler, MessageEvent>("phone")
    .AddEventHandler<ConnectionHandler>("phone", EventType.Connected, EventType.Disconnected);
builder.Services.AddHealthChecks().AddVZaps();
await builder.Build().RunAsync();
