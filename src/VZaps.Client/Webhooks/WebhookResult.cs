using System.Text.Json;

namespace VZaps;

/// <summary>What became of a post, and what to answer it.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why it was refused or rejected; null where there is nothing to say. Never a secret, and never what a handler threw.</param>
public sealed record WebhookResult(WebhookOutcome Outcome, string? Reason)
{
    /// <summary>The event; null where the post was refused.</summary>
    public VZapsEvent? Event { get; init; }

    /// <summary>What to send as <c>Retry-After</c>, in whole seconds; null for no such header.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status to answer with: 2xx settles the delivery, with any other it comes again.</summary>
    public int StatusCode => Outcome switch
    {
        WebhookOutcome.Failed => 500,
        WebhookOutcome.Refused => 401,
        WebhookOutcome.Unreadable => 400,
        WebhookOutcome.TooLarge => 413,
        WebhookOutcome.Busy => 503,
        _ => 200,
    };

    /// <summary>The answer's body, <c>{"outcome","reason"}</c> in UTF-8: the gateway keeps it in the delivery's log.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(Outcome.ToString()));
            if (!string.IsNullOrEmpty(Reason))
                json.WriteString("reason", Reason);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}

/// <summary>What became of a post.</summary>
public enum WebhookOutcome
{
    /// <summary>All handlers that match have finished.</summary>
    Handled,

    /// <summary>No handler takes events of its type: answered as handled, with one warning a type.</summary>
    Unhandled,

    /// <summary>The store of processed events knows it: no handler was called.</summary>
    Duplicate,

    /// <summary>
    /// A handler threw <see cref="RejectEventException"/>, and no other one wants it again. Answered with 200, as nothing would be won by posting it again and
    /// later events of its chat would wait for it; its reason is in the delivery's log, from where it can be retried.
    /// </summary>
    Rejected,

    /// <summary>A handler threw: answered with 500, so that it comes again.</summary>
    Failed,

    /// <summary>It is not the gateway's post, or not one of now: answered with 401.</summary>
    Refused,

    /// <summary>It is signed and no event: answered with 400.</summary>
    Unreadable,

    /// <summary>Its body is larger than <see cref="WebhookReceiverOptions.MaxBodyBytes"/>: answered with 413.</summary>
    TooLarge,

    /// <summary>
    /// It cannot be taken now: as many handlers as may (<see cref="WebhookReceiverOptions.MaxUnheardHandlers"/>) still run of events whose posts timed out, or the receiver closes. Answered with 503, so that
    /// it comes again.
    /// </summary>
    Busy,
}
