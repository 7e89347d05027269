namespace VZaps.Client.Tests.Faults;

/// <summary>What a seed stands for: the faults of the connections one after the other, and how the server and the handlers behave.</summary>
internal sealed class FaultSchedule
{
    public const int Events = 60;
    public const int Chats = 5;
    private const int MaxFaults = 6;

    public FaultSchedule(int seed)
    {
        Seed = seed;
        var random = new Random(seed);
        Extension = random.Next(3) > 0;
        Faults = [.. Enumerable.Range(0, 2 + random.Next(MaxFaults - 1)).Select(_ => Draw(random))];
        // A second 401 in a row is an answer, and no fault.
        for (var i = 1; i < Faults.Count; i++)
        {
            if (Faults[i].Kind == FaultKind.Status401 && Faults[i - 1].Kind == FaultKind.Status401)
                Faults[i] = new LineFault(FaultKind.Status503, 0);
        }

        ChatOf = [.. Enumerable.Range(0, Events + 1).Select(_ => random.Next(Chats))];
        FailsFirst = [.. Enumerable.Range(1, Events).Where(_ => random.Next(12) == 0)];
    }

    public int Seed { get; }

    /// <summary>Whether the server agrees to the extension.</summary>
    public bool Extension { get; }

    public List<LineFault> Faults { get; }

    /// <summary>By the event's number, from 1.</summary>
    public IReadOnlyList<int> ChatOf { get; }

    /// <summary>Events of which the first handling throws.</summary>
    public HashSet<int> FailsFirst { get; }

    public override string ToString() => $"seed {Seed}, {(Extension ? "extension" : "plain")}: {string.Join(", ", Faults)}";

    private static LineFault Draw(Random random)
    {
        var kind = (FaultKind)(1 + random.Next((int)FaultKind.GoAway));
        return new LineFault(kind, kind switch
        {
            FaultKind.Cut or FaultKind.EndOfStream or FaultKind.HalfOpen or FaultKind.Stall => random.Next(6_000),
            FaultKind.CutOnTheWayUp => random.Next(600),
            _ => random.Next(20),
        });
    }
}
