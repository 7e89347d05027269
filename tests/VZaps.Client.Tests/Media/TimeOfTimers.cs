using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Media;

/// <summary>A clock that moves when the test says so, and tells of each timer that is made with it.</summary>
internal sealed class TimeOfTimers : FakeTimeProvider
{
    private readonly Channel<Made> _timers = Channel.CreateUnbounded<Made>();

    /// <summary>The next timer of this length.</summary>
    public async Task<Made> NextOfAsync(TimeSpan length)
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        while (true)
        {
            if (await _timers.Reader.ReadAsync(limit.Token) is { } made && made.Length == length)
                return made;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var made = new Made(dueTime);
        var timer = base.CreateTimer(given => made.Run(callback, given), state, dueTime, period);
        _timers.Writer.TryWrite(made);
        return timer;
    }

    internal sealed class Made(TimeSpan length)
    {
        public TimeSpan Length => length;

        public bool HasRun { get; private set; }

        public void Run(TimerCallback callback, object? state)
        {
            HasRun = true;
            callback(state);
        }
    }
}
