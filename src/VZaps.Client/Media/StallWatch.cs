namespace VZaps.Client.Media;

/// <summary>Bounds how long one exchange may bring nothing, and says of each failure what it means. After a failure it is done with.</summary>
internal sealed class StallWatch(MediaAccess access, Uri url) : IDisposable
{
    private readonly CancellationTokenSource _stalled = new(Timeout.InfiniteTimeSpan, access.Time);

    /// <exception cref="MediaInterruptedException">It stalled or broke.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public async ValueTask<TResult> RunAsync<TState, TResult>(
        TState state, Func<TState, CancellationToken, ValueTask<TResult>> step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _stalled.CancelAfter(access.StallTimeout);
        try
        {
            using var asked = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _stalled);
            return await step(state, _stalled.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new MediaInterruptedException(
                new VZapsTimeoutException($"{MediaErrors.NameOf(url)} brought nothing within {access.StallTimeout} (MediaStallTimeout).", late));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            throw new MediaInterruptedException(new VZapsException($"{MediaErrors.NameOf(url)} broke off: {broken.Message}", broken));
        }
        finally
        {
            // Between two reads it is the reader's time.
            _stalled.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _stalled.Dispose();
}
