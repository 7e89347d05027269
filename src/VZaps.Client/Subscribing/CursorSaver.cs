using Microsoft.Extensions.Logging;

namespace VZaps.Client.Subscribing;

/// <summary>Saves the low-water mark to the user's store: about once a second while it moves, and at the end.</summary>
internal sealed partial class CursorSaver(ICursorStore? store, CursorKey key, HandledMark mark, NoticeLoop notices, TimeProvider time, ILogger logger)
{
    /// <summary>The pause between two saves.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a save may take.</summary>
    private static readonly TimeSpan SaveTimeout = TimeSpan.FromSeconds(10);

    private string? _saved;

    /// <summary>Runs until it is cancelled; never throws. The last save is left to <see cref="SaveAsync"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (store is null)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                await SaveAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <summary>Saves the mark, if it has moved. Not beside a run. Never throws.</summary>
    public async Task SaveAsync()
    {
        if (store is null || mark.Safe is not { } cursor || cursor == _saved)
            return;
        using var limit = new CancellationTokenSource(SaveTimeout, time);
        try
        {
            await store.SaveAsync(key, cursor, limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
            _saved = cursor;
        }
        catch (Exception thrown)
        {
            // The user's store: events go on, and the next save makes up for it.
            LogUnsaved(logger, thrown, cursor);
            notices.Error(new VZapsException($"The cursor {cursor} was not saved: {thrown.Message}", thrown));
        }
    }

    [LoggerMessage(1117, LogLevel.Error, "The cursor store threw; the cursor {Cursor} is not saved, and tried again with the next one.")]
    private static partial void LogUnsaved(ILogger logger, Exception thrown, string cursor);
}
