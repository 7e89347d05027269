using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>Bounds how long one exchange may bring nothing, and says of each failure what it means. After a failure it is done with.</summary>
internal sealed class StallWatch(MediaAccess access, MediaTrail trail) : IDisposable
{
    private readonly CancellationTokenSource _stalled = new(Timeout.InfiniteTimeSpan, access.Time);

    /// <summary>How long each step may take.</summary>
    public TimeSpan Limit { get; set; } = access.StallTimeout;

    public TimeSpan StallTimeout => access.StallTimeout;

    /// <exception cref="MediaInterruptedException">It stalled or broke.</exception>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public async ValueTask<TResult> RunAsync<TState, TResult>(
        TState state, Func<TState, CancellationToken, ValueTask<TResult>> step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _stalled.CancelAfter(Limit);
        try
        {
            using var asked = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _stalled);
            return await step(state, _stalled.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException late)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Interrupted(late);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or InvalidDataException)
        {
            // The last of them is of a handler that unpacks.
            throw new MediaInterruptedException(new VZapsException($"{trail.Name} broke off: {SecretMask.Apply(broken.Message, trail.Secrets)}", broken));
        }
        finally
        {
            // Between two reads it is the reader's time.
            _stalled.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _stalled.Dispose();

    private MediaInterruptedException Interrupted(OperationCanceledException late)
    {
        if (_stalled.IsCancellationRequested)
        {
            var why = Limit > access.StallTimeout ? "MediaStallTimeout, and the time for which a gateway may keep who asks for a pending file waiting" : "MediaStallTimeout";
            return new MediaInterruptedException(new VZapsTimeoutException($"{trail.Name} brought nothing within {Limit} ({why}).", late)) { IsStall = true };
        }

        return new MediaInterruptedException(late.InnerException is TimeoutException
            ? new VZapsTimeoutException($"{trail.Name} was given up by the program's own HttpClient, at the end of its HttpClient.Timeout: {late.Message}", late)
            : new VZapsException($"{trail.Name} was cancelled by the HTTP client or its handler: {late.Message}", late));
    }
}
