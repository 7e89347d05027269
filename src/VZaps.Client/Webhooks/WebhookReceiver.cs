using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Client.Configuration;
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
/// <para>Handlers go on when the gateway hangs up, as it does after 15 s. A post of an event whose handlers still run starts them no second time: it waits, and is answered as the first. One that comes
/// when they have ended is answered at once with how they ended, where nobody has heard of that yet (<see cref="WebhookReceiverOptions.MaxUnheardResults"/>); what failed is handled again.</para>
/// <para>Where the program stops, call <see cref="CloseAsync"/>. <c>VZaps.Client.Hosting</c> and <c>VZaps.Client.AspNetCore</c> do as the host begins to stop.</para>
/// </remarks>
public sealed partial class WebhookReceiver
{
    private readonly HandlerTable _handlers = new();
    private readonly WebhookVerifier _verifier;
    private readonly WebhookRuns _runs;
    private readonly WebhookClose _close;
    private readonly WebhookRefusals _refusals;
    private readonly WebhookProcessor _processor;

    /// <summary>A receiver without handlers.</summary>
    /// <exception cref="ArgumentException">There is no secret, one is no such secret, or another option is missing or out of range; the text names each one. No secret is in it.</exception>
    public WebhookReceiver(WebhookReceiverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        _verifier = new WebhookVerifier(new WebhookVerifierOptions { Secrets = options.Secrets, Tolerance = options.Tolerance, Client = options.Client, TimeProvider = options.TimeProvider });
        MaxBodyBytes = options.MaxBodyBytes;
        // A broken log changes no answer.
        var logger = new SafeLogger((options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("VZaps.Client.Webhooks"));
        _runs = new WebhookRuns(options.MaxUnheardHandlers, new UnheardResults(options.MaxUnheardResults, options.UnheardResultLifetime, options.TimeProvider));
        _close = new WebhookClose(_runs, options.CloseTimeout, options.TimeProvider, logger);
        _refusals = new WebhookRefusals(options, logger);
        var retrying = new HandlerRetrying(options.HandlerRetry, static _ => { }, error => LogPolicyThrew(logger, error), _close.Begun, options.TimeProvider, logger);
        var attempts = new HandlerAttempts(_handlers, retrying, new ProcessedEvents(options.ProcessedEvents, logger), () => options.Consumer);
        _processor = new WebhookProcessor(attempts, options, logger, _close.Token);
    }

    /// <summary>The largest body that is accepted, for whoever reads it.</summary>
    public int MaxBodyBytes { get; }

    /// <summary>Whether it is closed, or closes: <see cref="CloseAsync"/> was called, or the host to which it was given stops. It takes no event any more, and for good.</summary>
    public bool IsClosed => _close.Begun.IsRaised;

    /// <summary>Adds a handler for a type, or for every event with <see cref="EventType.All"/>.</summary>
    /// <param name="type">The type; one of a newer server's can be had with <see cref="EventType.Parse(string)"/>.</param>
    /// <param name="handler">Its token is cancelled when a close has waited for it for <see cref="WebhookReceiverOptions.CloseTimeout"/>.</param>
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
    /// <param name="handler">Its token is cancelled when a close has waited for it for <see cref="WebhookReceiverOptions.CloseTimeout"/>.</param>
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
    /// <param name="cancellationToken">Ends the wait, as when the gateway hung up; handlers that run go on. They run on the thread pool, so that one that blocks ends it no later.</param>
    /// <returns>What became of it and what to answer. What is wrong with a post is a result, too.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled: there is nobody to answer.</exception>
    public async Task<WebhookResult> ReceiveAsync(Func<string, string?> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        if (body.Length > MaxBodyBytes)
            return _refusals.TooLarge(body.Length);
        VZapsEvent received;
        try
        {
            received = _verifier.Verify(headers, body);
        }
        catch (WebhookVerificationException wrong)
        {
            return _refusals.Refuse(wrong);
        }

        // Who has hung up already would not hear what he takes.
        cancellationToken.ThrowIfCancellationRequested();
        var entry = _runs.Enter(received.Id);
        if (entry.Run is not { } run)
            return entry.Known is { } known ? known with { Event = received } : _refusals.Busy(received, entry.IsClosed);
        if (entry.IsFirst)
            _ = Task.Run(() => HandleAsync(received, run), CancellationToken.None); // on a thread of its own: a handler that blocks must not hold the post, whose sender may hang up
        return await WaitAsync(run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes no further event, and waits for the handlers that run, for at most <see cref="WebhookReceiverOptions.CloseTimeout"/>; then their token is cancelled, and one that ignores that for a second is
    /// left behind. From now on, posts of other events are answered with 503, so that the gateway posts them again.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, not the close.</param>
    /// <returns>Completes when no handler runs that is waited for. From inside a handler it completes at once, and the close follows when that returns.</returns>
    /// <remarks>Safe to call twice, at the same time, and from everywhere.</remarks>
    public Task CloseAsync(CancellationToken cancellationToken = default)
    {
        var closing = _close.CloseAsync();
        return HandlerScope.IsInside(this) ? Task.CompletedTask : closing.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when no handler runs, and how they ended is known to posts that come.</summary>
    internal Task WhenIdle() => _runs.WhenIdle();

    private static void Check(WebhookReceiverOptions options)
    {
        var check = new OptionCheck();
        check.NotNull(nameof(options.Consumer), options.Consumer);
        check.Consumer(nameof(options.Consumer), options.Consumer);
        check.Range(nameof(options.MaxBodyBytes), options.MaxBodyBytes, 1_024, 67_108_864);
        check.Range(nameof(options.MaxUnheardHandlers), options.MaxUnheardHandlers, 1, 100_000);
        check.Range(nameof(options.MaxUnheardResults), options.MaxUnheardResults, 0, 1_000_000);
        check.Range(nameof(options.UnheardResultLifetime), options.UnheardResultLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        check.Range(nameof(options.MaxHandlerTime), options.MaxHandlerTime, TimeSpan.Zero, TimeSpan.FromDays(1));
        check.Range(nameof(options.CloseTimeout), options.CloseTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        check.NotNull(nameof(options.TimeProvider), options.TimeProvider);
        check.ThrowIfWrong(nameof(options));
    }

    private async Task<WebhookResult> WaitAsync(WebhookRun run, CancellationToken cancellationToken)
    {
        var hasHeard = false;
        try
        {
            var result = await run.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            // Where both happened, he who has hung up has not heard.
            cancellationToken.ThrowIfCancellationRequested();
            hasHeard = true;
            return result;
        }
        finally
        {
            _runs.Leave(run, hasHeard);
        }
    }

    private async Task HandleAsync(VZapsEvent received, WebhookRun run)
    {
        using var scope = HandlerScope.Enter(this);
        _ = _processor.WatchAsync(received, run.Ended); // first, as a handler may block
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

        _runs.End(run, result);
    }

    [LoggerMessage(1511, LogLevel.Error, "The retry policy of a webhook's handlers threw; the post is answered as without a policy.")]
    private static partial void LogPolicyThrew(ILogger logger, Exception error);
}
