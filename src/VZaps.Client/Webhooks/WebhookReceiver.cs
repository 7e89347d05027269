using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Client.Payloads;
using VZaps.Client.Subscribing;
using VZaps.Client.Telemetry;
using VZaps.Client.Webhooks;

namespace VZaps;

/// <summary>
/// Takes the posts of a webhook: verifies each, hands its event to the handlers as a subscription does, and says what to answer. For any web server; <c>VZaps.Client.AspNetCore</c> has it as a route.
/// </summary>
/// <remarks>
/// <para>Thread-safe. Posts are handled as they come, many at a time; the gateway posts the events of one chat one after the other where the endpoint's order is <c>chat</c>.</para>
/// <para>A post of an event whose handlers still run, as after a time-out of the gateway, starts them no second time: it waits, and is answered as the first.</para>
/// </remarks>
public sealed class WebhookReceiver
{
    private readonly HandlerTable _handlers = new();
    private readonly ConcurrentDictionary<string, Task<WebhookResult>> _running = new(StringComparer.Ordinal);
    private readonly WebhookVerifier _verifier;
    private readonly WebhookProcessor _processor;

    /// <summary>A receiver without handlers.</summary>
    /// <exception cref="ArgumentException">There is no secret, one is no such secret, or another option is out of range. No secret is in the text.</exception>
    public WebhookReceiver(WebhookReceiverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _verifier = new WebhookVerifier(new WebhookVerifierOptions { Secrets = options.Secrets, Tolerance = options.Tolerance, TimeProvider = options.TimeProvider });
        MaxBodyBytes = options.MaxBodyBytes is >= 1_024 and <= 67_108_864
            ? options.MaxBodyBytes
            : throw new ArgumentException($"MaxBodyBytes {options.MaxBodyBytes} is out of range; give 1024 to 67108864.", nameof(options));
        // A broken log changes no answer.
        var logger = new SafeLogger((options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("VZaps.Client.Webhooks"));
        _processor = new WebhookProcessor(_handlers, options, logger);
    }

    /// <summary>The largest body that is accepted, for whoever reads it.</summary>
    public int MaxBodyBytes { get; }

    /// <summary>Adds a handler for a type, or for every event with <see cref="EventType.All"/>.</summary>
    /// <param name="type">The type; one of a newer server's can be had with <see cref="EventType.Parse(string)"/>.</param>
    /// <param name="handler">Its token is <see cref="WebhookReceiverOptions.Stopping"/>.</param>
    /// <returns>This receiver.</returns>
    /// <exception cref="ArgumentException">The type has no name.</exception>
    public WebhookReceiver On(EventType type, Func<VZapsEvent, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentException.ThrowIfNullOrEmpty(type.Name, nameof(type));
        _handlers.Add(type, handler);
        return this;
    }

    /// <inheritdoc cref="On(EventType, Func{VZapsEvent, CancellationToken, Task})"/>
    public WebhookReceiver On(EventType type, Func<VZapsEvent, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return On(type, (received, _) => handler(received));
    }

    /// <inheritdoc cref="On(EventType, Func{VZapsEvent, CancellationToken, Task})"/>
    public WebhookReceiver On(EventType type, Action<VZapsEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return On(type, (received, _) =>
        {
            handler(received);
            return Task.CompletedTask;
        });
    }

    /// <summary>Adds a handler for the events of the payload's type; with <see cref="EventPayload"/> itself, for those of the nine known types.</summary>
    /// <typeparam name="TPayload">The payload, such as <see cref="MessageEvent"/>.</typeparam>
    /// <param name="handler">Its token is <see cref="WebhookReceiverOptions.Stopping"/>.</param>
    /// <returns>This receiver.</returns>
    /// <remarks>A payload that does not fit counts as a handler that threw.</remarks>
    public WebhookReceiver On<TPayload>(Func<TPayload, CancellationToken, Task> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(handler);
        foreach (var type in PayloadTable.TypesOf<TPayload>())
            On(type, (received, cancellationToken) => handler(received.As<TPayload>(), cancellationToken));
        return this;
    }

    /// <inheritdoc cref="On{TPayload}(Func{TPayload, CancellationToken, Task})"/>
    public WebhookReceiver On<TPayload>(Func<TPayload, Task> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(handler);
        return On<TPayload>((payload, _) => handler(payload));
    }

    /// <inheritdoc cref="On{TPayload}(Func{TPayload, CancellationToken, Task})"/>
    public WebhookReceiver On<TPayload>(Action<TPayload> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(handler);
        return On<TPayload>((payload, _) =>
        {
            handler(payload);
            return Task.CompletedTask;
        });
    }

    /// <summary>Adds a handler that takes the event with its context, as <see cref="EventSubscription.OnEvent"/> does.</summary>
    /// <param name="type">The type, or <see cref="EventType.All"/>.</param>
    /// <param name="handler">The handler; beside those of <c>On</c>, in the order of registration.</param>
    /// <returns>This receiver.</returns>
    /// <exception cref="ArgumentException">The type has no name.</exception>
    public WebhookReceiver OnEvent(EventType type, Func<EventContext, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentException.ThrowIfNullOrEmpty(type.Name, nameof(type));
        _handlers.Add(type, handler);
        return this;
    }

    /// <summary>Verifies a post, and hands its event to the handlers.</summary>
    /// <param name="headers">Gives a header by its name, null where there is none: <c>name => request.Headers[name]</c> in ASP.NET Core.</param>
    /// <param name="body">The body exactly as it came. The event keeps it, so nobody may change it afterwards.</param>
    /// <param name="cancellationToken">Ends the wait, as when the gateway hung up; handlers that run go on.</param>
    /// <returns>What became of it and what to answer. What is wrong with a post is a result, too.</returns>
    public async Task<WebhookResult> ReceiveAsync(Func<string, string?> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        if (body.Length > MaxBodyBytes)
            return new WebhookResult(WebhookOutcome.TooLarge, $"The body has {body.Length} bytes, and {MaxBodyBytes} is the most (MaxBodyBytes).");
        VZapsEvent received;
        try
        {
            received = _verifier.Verify(headers, body);
        }
        catch (WebhookVerificationException wrong)
        {
            _processor.Refuse(wrong);
            return new WebhookResult(wrong.Mistake == WebhookMistake.UnreadableBody ? WebhookOutcome.Unreadable : WebhookOutcome.Refused, wrong.Message);
        }

        return await HandleOnceAsync(received).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task<WebhookResult> HandleOnceAsync(VZapsEvent received)
    {
        var mine = new TaskCompletionSource<WebhookResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _running.GetOrAdd(received.Id, mine.Task);
        if (first == mine.Task)
            _ = HandleAsync(received, mine);
        return first;
    }

    private async Task HandleAsync(VZapsEvent received, TaskCompletionSource<WebhookResult> answer)
    {
        WebhookResult result;
        try
        {
            result = await _processor.ProcessAsync(received).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // Outside of the handlers: the user's log, or a listener of our telemetry. It was not answered as handled, so it comes again.
            result = new WebhookResult(WebhookOutcome.Failed, fault.GetType().Name) { Event = received };
        }

        // Taken out before it is answered: an attempt that follows the answer is a new one.
        _running.TryRemove(received.Id, out _);
        answer.SetResult(result);
    }
}
