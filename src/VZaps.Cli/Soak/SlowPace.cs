namespace VZaps.Cli.Soak;

/// <summary>Holds up a handler before each event until it is lifted, so that its consumer falls behind and has to catch up from the log.</summary>
internal sealed class SlowPace(TimeSpan pause)
{
    private volatile bool _isLifted;

    public static Task None() => Task.CompletedTask;

    public Task WaitAsync() => _isLifted ? Task.CompletedTask : Task.Delay(pause);

    public void Lift() => _isLifted = true;
}
