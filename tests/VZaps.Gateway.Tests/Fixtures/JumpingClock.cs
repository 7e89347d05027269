namespace VZaps.Gateway.Tests.Fixtures;

/// <summary>The real clock, whose wall time a test can put forward or back; timers and time spans go on as they do on a real machine.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _jumpTicks;

    public void Jump(TimeSpan by) => Interlocked.Add(ref _jumpTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _jumpTicks));
}
