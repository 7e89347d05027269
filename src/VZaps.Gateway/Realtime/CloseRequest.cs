using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// Where everybody who wants a connection closed says so: the first reason counts. Its loops learn of it by a wake and,
/// after a grace for what is being written, by cancellation. Thread-safe.
/// </summary>
internal sealed class CloseRequest(WakeSignal wake) : IDisposable
{
    /// <summary>How long what is being written may still take: a revocation has a second in all.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _aborted = new();
    private CloseReason? _reason;

    /// <summary>Why the connection closes; null while it does not.</summary>
    public CloseReason? Reason => Volatile.Read(ref _reason);

    /// <summary>Cancelled when there is nothing to wait for any more.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Asks for a close; false where one was asked for already.</summary>
    public bool Ask(CloseCode code, string text)
    {
        if (Interlocked.CompareExchange(ref _reason, new CloseReason(code, text), null) is not null)
            return false;
        wake.Set();
        AbortAfter(Grace);
        return true;
    }

    /// <summary>The peer is gone: nothing can be said to it any more.</summary>
    public void Lost(string why)
    {
        Interlocked.CompareExchange(ref _reason, new CloseReason(Code: null, why), null);
        AbortAfter(TimeSpan.Zero);
        wake.Set();
    }

    public void Dispose() => _aborted.Dispose();

    private void AbortAfter(TimeSpan grace)
    {
        try
        {
            _aborted.CancelAfter(grace);
        }
        catch (ObjectDisposedException)
        {
            // The connection ended by itself in this moment.
        }
    }
}

/// <summary>Why a connection closes.</summary>
/// <param name="Code">The close code to send; null where the peer is gone.</param>
/// <param name="Text">For the close frame and the log; at most 123 bytes of ASCII.</param>
internal sealed record CloseReason(CloseCode? Code, string Text);
