using System.Buffers;
using System.Threading.Tasks.Sources;

namespace VZaps.LoadTest.Bare;

/// <summary>One connection: writes what is ready, up to 64 KiB at a time, and counts acks.</summary>
internal sealed class Subscriber(AckTotal acks) : IValueTaskSource
{
    private const int MostAWrite = 64 << 10;
    private const int Idle = 0, Waiting = 1, Woken = 2;
    private ManualResetValueTaskSourceCore<bool> _wake = new() { RunContinuationsAsynchronously = true };
    private int _state;
    private volatile bool _isGone;

    /// <summary>What was written last. Nothing else may hold on to it: everything after it would stay in memory.</summary>
    public Chunk Position { get; set; } = new([], 0);

    /// <summary>There is more, or nobody is left to write to.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Waiting)
            _wake.SetResult(true);
    }

    public async Task RunAsync(Stream stream, Replay? replay)
    {
        var reading = ReadAsync(new AckReader(stream, acks));
        try
        {
            // A replay keeps the chunks that come meanwhile; they are what it is behind.
            if (replay is not null)
                await replay.WriteToAsync(stream);
            await WriteAsync(stream);
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

    private async Task ReadAsync(AckReader reader)
    {
        try
        {
            await reader.RunAsync();
        }
        catch (IOException)
        {
            // Cut; the end is the same.
        }

        _isGone = true;
        Wake();
    }

    private async Task WriteAsync(Stream stream)
    {
        while (!_isGone)
        {
            if (Position.Next is null)
                await WaitAsync();
            else if (TakeAlone(out var frames))
                await stream.WriteAsync(frames);
            else
                await WriteGatheredAsync(stream);
        }
    }

    /// <summary>Takes the next chunk where there is nothing to gather with it.</summary>
    private bool TakeAlone(out ReadOnlyMemory<byte> frames)
    {
        var next = Position.Next!;
        frames = next.Frames;
        if (next.Next is not null && frames.Length < MostAWrite)
            return false;
        Position = next;
        return true;
    }

    private async ValueTask WriteGatheredAsync(Stream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MostAWrite);
        await stream.WriteAsync(buffer.AsMemory(0, Gather(buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private int Gather(Span<byte> buffer)
    {
        var length = 0;
        while (Position.Next is { } next && length + next.Frames.Length <= MostAWrite)
        {
            next.Frames.Span.CopyTo(buffer[length..]);
            length += next.Frames.Length;
            Position = next;
        }

        return length;
    }

    private ValueTask WaitAsync()
    {
        if (Interlocked.Exchange(ref _state, Idle) == Woken)
            return default;
        _wake.Reset();
        return Interlocked.CompareExchange(ref _state, Waiting, Idle) == Woken ? default : new ValueTask(this, _wake.Version);
    }
}
