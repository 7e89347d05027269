namespace VZaps.Cli.Tail;

/// <summary>
/// One tail: a subscription as <c>ephemeral</c>, a consumer that keeps nothing, so that nobody is deprived of an event. Events go to the
/// output, all that happens besides to <paramref name="notes"/>.
/// </summary>
internal sealed class TailRun(TailOptions options, VZapsEvents events, EventSubscribeRequest target, EventHistory history, ITailOutput output, TextWriter notes)
{
    private long _shown;
    private bool _wasOpen;
    private bool _readerLeft;

    /// <summary>Shows events until it is stopped, has shown enough, or nobody reads any more.</summary>
    /// <exception cref="VZapsException">The gateway refused, could not be reached at first, or ended it.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using var subscription = options.FromStart
            ? await BeginAtStartAsync(stopping)
            : await SubscribeAsync(options.From, stopping);
        if (subscription is null)
            return;
        subscription.OnOpen(NoteOpen);
        subscription.OnClose(closed => NoteClose(closed));
        subscription.OnGap(NoteGap);
        subscription.OnError(error => Note(error.Message));
        subscription.On(EventType.All, (received, _) => Show(TailEvent.Of(received)) ? Task.CompletedTask : subscription.CloseAsync(CancellationToken.None));
        await subscription.WaitClosedAsync(stopping);
    }

    /// <summary>
    /// The oldest event is shown from the history, and the subscription begins after it. Where there is none it begins at the log's end, and
    /// the history is asked once more: an event that was published in between would be missed else.
    /// </summary>
    private async Task<EventSubscription?> BeginAtStartAsync(CancellationToken stopping)
    {
        while (true)
        {
            if (await history.FirstAsync(null, target.Events, stopping) is { } oldest)
                return Show(oldest) ? await SubscribeAsync(oldest.Id, stopping) : null;
            var atEnd = await SubscribeAsync(null, stopping);
            if (await history.FirstAsync(null, target.Events, stopping) is null)
                return atEnd;
            // Nothing of it was dispatched yet, and an ephemeral consumer owes nothing.
            await atEnd.DisposeAsync();
        }
    }

    private Task<EventSubscription> SubscribeAsync(string? after, CancellationToken stopping) =>
        events.SubscribeAsync(target with { LastEventId = after }, stopping);

    private void NoteGap(EventGap gap) => Note(
        $"gap: retention removed {(gap.Events is { } events ? $"at most {events} event(s)" : "events")} after {gap.From ?? "the beginning"}; the oldest that is left is {gap.To}.");

    /// <summary>Shows an event; false when it was the last.</summary>
    private bool Show(TailEvent shown)
    {
        if (_readerLeft || _shown >= options.Count)
            return false;
        try
        {
            output.Write(shown);
        }
        catch (IOException)
        {
            // As with '| head -1': no error, and nobody to tell it to.
            _readerLeft = true;
            return false;
        }

        return ++_shown < (options.Count ?? long.MaxValue);
    }

    private void NoteOpen()
    {
        if (_wasOpen)
            Note("connected again.");
        _wasOpen = true;
    }

    private void NoteClose(ConnectionClosed closed)
    {
        if (closed.WillReconnect)
            Note($"the connection ended ({closed.CloseCode?.ToString() ?? "cut"}{(closed.Reason.Length > 0 ? ": " + closed.Reason : "")}); connecting again, from the last event shown.");
    }

    private void Note(string text) => notes.WriteLine(Screen.PlainText.OneLine(text));
}
