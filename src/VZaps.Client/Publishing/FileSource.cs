using System.Buffers;

namespace VZaps.Client.Publishing;

/// <summary>The bytes of a file to publish: read from the same place each time that they are sent, or once where the stream cannot go back. Thread-safe.</summary>
internal sealed class FileSource(Stream content)
{
    private const int BufferBytes = 64 * 1024;

    // Once, at the beginning: what was sent has moved the stream.
    private readonly bool _canSeek = content.CanSeek;
    private readonly long _start = content.CanSeek ? content.Position : 0;
    private readonly Lock _gate = new();
    private Task _lastRead = Task.CompletedTask;
    private bool _isInCall, _wasRead;

    /// <summary>How many bytes it has; null where only its end tells.</summary>
    public long? Length => _canSeek ? Math.Max(content.Length - _start, 0) : null;

    /// <summary>Whether it can be sent from its beginning.</summary>
    public bool IsWhole
    {
        get
        {
            lock (_gate)
                return _canSeek || !_wasRead;
        }
    }

    /// <summary>A call begins, which sends it as often as it must.</summary>
    /// <exception cref="InvalidOperationException">Another call is sending it, or it was read and cannot go back.</exception>
    public void BeginCall()
    {
        lock (_gate)
        {
            if (_isInCall)
                throw new InvalidOperationException("Another call is sending this file. Wait for its end, or give each call a PublishFile with a stream of its own.");
            if (_wasRead && !_canSeek)
                throw new InvalidOperationException("An earlier call has read from this file, and its stream cannot go back: what is left is not the file. Give a new PublishFile with a new stream.");
            _isInCall = true;
        }
    }

    public void EndCall()
    {
        lock (_gate)
            _isInCall = false;
    }

    /// <summary>Writes all of it.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="progressed">Called after each piece; null for nobody.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="VZapsException">It cannot be read, or not again.</exception>
    public async Task CopyToAsync(Stream to, Action? progressed, CancellationToken cancellationToken)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            // A request that was given up may be in the middle of a read.
            await BeginRead(read.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
            int count;
            for (var isFirst = true; (count = await ReadAsync(buffer, isFirst, cancellationToken).ConfigureAwait(false)) > 0; isFirst = false)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                progressed?.Invoke();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            read.SetResult();
        }
    }

    /// <summary>Notes that it is read, and gives the end of the reads before.</summary>
    private Task BeginRead(Task read)
    {
        lock (_gate)
        {
            // A handler of the caller's may send a request twice by itself; what is left would go out as if it were all.
            if (_wasRead && !_canSeek)
                throw new VZapsException("The file to publish was sent a second time, and its stream cannot go back.");
            _wasRead = true;
            var before = _lastRead;
            _lastRead = Task.WhenAll(before, read);
            return before;
        }
    }

    private async ValueTask<int> ReadAsync(byte[] buffer, bool isFirst, CancellationToken cancellationToken)
    {
        try
        {
            if (isFirst && _canSeek)
                content.Position = _start;
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or NotSupportedException)
        {
            // Else it would look as if the server were not reached.
            throw new VZapsException($"The file to publish could not be read: {broken.Message}", broken);
        }
    }
}
