using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace VZaps.Client.AspNetCore.Tests;

/// <summary>Files of events that a host takes by webhook.</summary>
public sealed class WebhookMediaTests
{
    [Theory]
    [InlineData("Webhook")]
    [InlineData("Both")]
    public async Task A_link_is_renewed_with_the_credentials_of_the_host(string transport)
    {
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<Reader>("phone").ConfigureSubscription(
                "phone", options => options.Customize = request => request with { ProcessedEvents = new InMemoryProcessedEventStore() }),
            values => values["VZaps:Subscriptions:phone:Transport"] = transport);
        var media = host.Gateway.AddMedia("the file"u8.ToArray(), "text/plain");
        var post = host.Webhook.NewPost("/hook", EventType.Message, media.AddTo(WebhookHost.Text("x")));
        post.Headers.Remove("vzaps-instance-id");
        post.Headers.Add("vzaps-instance-id", host.Gateway.InstanceId);
        media.ExpireLinks();
        Assert.Equal((200, """{"outcome":"handled"}"""), await host.PostAsync(post));
        Assert.Equal(["the file by a new link"], host.Seen);
    }

    [Fact]
    public async Task A_host_without_credentials_is_told_that_it_needs_them()
    {
        await using var host = new WebhookHost(
            app =>
            {
                app.MapVZapsWebhook("/hook", "phone");
                app.MapGet("/file", context =>
                {
                    context.Response.StatusCode = 403;
                    return context.Response.WriteAsync("""{"code":403,"success":false,"error":"media_link_expired","message":"Too old."}""");
                });
            },
            vzaps =>
            {
                vzaps.AddEventHandler<Reader>("phone");
                vzaps.Services.PostConfigure<VZapsClientOptions>(options => (options.ClientToken, options.ClientSecret) = ("", ""));
            });
        await host.StartAsync();
        var (status, _) = await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, $$"""{"type":"Message","media_url":"{{host.Client.BaseAddress}}file"}"""));
        Assert.Equal(500, status);
        var said = Assert.Single(host.Seen);
        Assert.StartsWith("LinkExpired ", said, StringComparison.Ordinal);
        Assert.Contains("VZaps:ClientToken", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_limits_are_set_by_their_keys()
    {
        await using var host = await WebhookHost.StartAsync(
            vzaps => vzaps.AddEventHandler<Reader>("phone"),
            values =>
            {
                values["VZaps:MediaPendingTimeout"] = "00:00:00";
                values["VZaps:MediaStallTimeout"] = "00:00:07";
                values["VZaps:MaxMediaResumes"] = "3";
            });
        var options = host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<VZapsClientOptions>>().Value;
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(7), 3), (options.MediaPendingTimeout, options.MediaStallTimeout, options.MaxMediaResumes));
    }

    private sealed class Reader(ConcurrentQueue<string> seen) : IEventHandler
    {
        public async Task HandleAsync(EventContext context)
        {
            try
            {
                await using var stream = await context.Event.Media!.OpenReadAsync(context.CancellationToken);
                using var reader = new StreamReader(stream);
                var text = await reader.ReadToEndAsync(context.CancellationToken);
                seen.Enqueue($"{text} by {(context.Event.Media.Url == context.Event.MediaUrl ? "the event's" : "a new")} link");
            }
            catch (VZapsMediaException none)
            {
                seen.Enqueue($"{none.Problem} {none.Message}");
                throw;
            }
        }
    }
}
