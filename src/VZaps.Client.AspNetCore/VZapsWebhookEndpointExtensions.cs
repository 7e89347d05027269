using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VZaps.Client.AspNetCore.Receiving;

namespace VZaps;

/// <summary>Routes that take the posts of a VZaps webhook.</summary>
public static partial class VZapsWebhookEndpointExtensions
{
    /// <summary>
    /// Maps a webhook to the handlers of a subscription of the host: those of <see cref="VZapsBuilder.AddEventHandler{THandler}(string, EventType[])"/>, which are the same for both ways.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route, such as <c>/hook</c>.</param>
    /// <param name="subscription">The name of the subscription. Its section has the <see cref="VZapsSubscriptionOptions.WebhookSecrets"/>; while its
    /// <see cref="VZapsSubscriptionOptions.Transport"/> is <see cref="EventTransport.Realtime"/>, the route answers 404.</param>
    /// <returns>The route, for conventions such as <c>RequireHost</c>. Posts need no user: the signature is what says who they are from.</returns>
    /// <exception cref="InvalidOperationException">The subscription has no handler.</exception>
    /// <exception cref="OptionsValidationException">The subscription's or the client's options are wrong; the text says which.</exception>
    /// <remarks>
    /// As the host begins to stop, posts that come are answered with 503, and running handlers have <see cref="VZapsClientOptions.CloseTimeout"/>; then their token is cancelled. The stop waits for them,
    /// also for those whose post the gateway has hung up on.
    /// </remarks>
    public static IEndpointConventionBuilder MapVZapsWebhook(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, string subscription)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.ServiceProvider.TakesVZapsWebhooks(subscription)
            ? endpoints.MapVZapsWebhook(pattern, endpoints.ServiceProvider.CreateWebhookReceiver(subscription))
            : Map(endpoints, pattern, context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return context.Response.WriteAsync($"Transport of the subscription {subscription} is Realtime: it takes no webhooks.", context.RequestAborted);
            });
    }

    /// <summary>Maps a webhook to a receiver with handlers of its own: <c>new WebhookReceiver(…).On(EventType.Message, …)</c>.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route, such as <c>/hook</c>.</param>
    /// <param name="receiver">Verifies and handles the posts.</param>
    /// <returns>The route, for conventions such as <c>RequireHost</c>. Posts need no user: the signature is what says who they are from.</returns>
    /// <remarks>
    /// <para>One receiver, one host: it closes with the host, for good. One that is closed already answers every new event with 503, and the log has a warning of it when it is mapped.</para>
    /// <para>The receiver begins to close as the host begins to stop: posts that come are answered with 503, and running handlers have <see cref="WebhookReceiverOptions.CloseTimeout"/>; then their token is cancelled.
    /// The web server's stop waits for those whose post is still open. To wait for the others, too: <c>await receiver.CloseAsync();</c> behind <c>await app.RunAsync();</c></para>
    /// </remarks>
    public static IEndpointConventionBuilder MapVZapsWebhook(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, WebhookReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(receiver);
        if (receiver.IsClosed && endpoints.ServiceProvider.GetService<ILoggerFactory>() is { } logs)
            LogClosed(logs.CreateLogger("VZaps.Client.Webhooks"), pattern);
        endpoints.ServiceProvider.GetService<IHostApplicationLifetime>()?.ApplicationStopping
            .UnsafeRegister(static receiver => _ = ((WebhookReceiver)receiver!).CloseAsync(), receiver);
        return Map(endpoints, pattern, new WebhookRoute(receiver).HandleAsync);
    }

    // An application that asks all its users to sign in would refuse the gateway, too.
    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string pattern, RequestDelegate handle) =>
        endpoints.MapPost(pattern, handle).WithMetadata(new AllowAnonymousAttribute()).WithDisplayName($"VZaps webhook {pattern}");

    [LoggerMessage(1524, LogLevel.Warning, "The receiver that is mapped to {Pattern} is closed already: every new event is answered with 503. A receiver closes with its host; make one for each.")]
    private static partial void LogClosed(ILogger logger, string pattern);
}
