using System.Buffers;
using System.Threading.Tasks.Sources;

namespace VZaps.LoadTest.Bare;

/// <summary>One connection: writes what is ready, up to 64 KiB at a time, and counts acks.</summary>
internal sealed class Subscriber : IValueTaskSource
{
    private const int MostAWrite = 64 << 10;
    private const int Idle = 0, Waiting = 1, Woken = 2;
    private ManualResetValueTaskSourceCore<bool> _wake = new() { RunContinuationsAsynchronously = true };
    private int _state;
    private volatile bool _isGone;

    /// <summary>There is more, or nobody is left to write to.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Waiting)
            _wake.SetResult(true);
    }

    public async Task RunAsync(Stream stream, Replay? replay, Chunk after)
    {
        var acks = new AckReader(stream);
        var reading = ReadAsync(acks);
        try
        {
            // A replay keeps the chunks that come meanwhile; they are what it is behind.
            if (replay is not null)
                await replay.WriteToAsync(stream);
            await WriteAsync(stream, after);
        }
        catch (IOException)
        {
            // The reader went away.
        }

        await reading;
    }

    public void GetResult(short token) => _wake.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _wake.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    private async Task ReadAsync(AckReader acks)
    {
        try
        {
            await acks.RunAsync();
        }
        catch (IOException)
        {
            // Cut; the end is the same.
        }

        _isGone = true;
        Wake();
    }

    private async Task WriteAsync(Stream stream, Chunk position)
    {
        while (!_isGone)
        {
            if (position.Next is not { } first)
            {
                await WaitAsync();
                continue;
            }

            if (first.Next is null || first.Frames.Length >= MostAWrite)
            {
                await stream.WriteAsync(first.Frames);
                position = first;
                continue;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(MostAWrite);
            position = Gather(position, buffer, out var length);
            await stream.WriteAsync(buffer.AsMemory(0, length));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Chunk Gather(Chunk position, Span<byte> buffer, out int length)
    {
        length = 0;
        while (position.Next is { } next && length + next.Frames.Length <= MostAWrite)
        {
            next.Frames.Span.CopyTo(buffer[length..]);
            length += next.Frames.Length;
            position = next;
        }

        return position;
    }

    private ValueTask WaitAsync()
    {
        if (Interlocked.Exchange(ref _state, Idle) == Woken)
            return default;
        _wake.Reset();
        return Interlocked.CompareExchange(ref _state, Waiting, Idle) == Woken ? default : new ValueTask(this, _wake.Version);
    }
}
