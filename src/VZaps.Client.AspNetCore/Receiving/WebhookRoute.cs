using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.AspNetCore.Receiving;

/// <summary>One request to one answer: reads the body within its limit, and leaves the rest to the receiver.</summary>
internal sealed class WebhookRoute(WebhookReceiver receiver)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            var body = await RequestBody.ReadAsync(context, receiver.MaxBodyBytes).ConfigureAwait(false);
            var result = body is { } whole
                ? await receiver.ReceiveAsync(name => context.Request.Headers[name], whole, context.RequestAborted).ConfigureAwait(false)
                : new WebhookResult(WebhookOutcome.TooLarge, $"The body is larger than {receiver.MaxBodyBytes} bytes (MaxBodyBytes).");
            await AnswerAsync(context, result).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The gateway waits no longer, and nobody is there to be answered. Handlers that run go on; the next attempt is told how they ended.
        }
    }

    private static async Task AnswerAsync(HttpContext context, WebhookResult result)
    {
        var json = result.ToJson();
        context.Response.StatusCode = result.StatusCode;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        if (result.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }
}
