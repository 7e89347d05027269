namespace VZaps.LoadTest.Webhooks;

/// <summary>How a receiver of webhooks answers.</summary>
internal enum Conduct
{
    /// <summary>It takes everything, after the time that a small service needs.</summary>
    Well,

    /// <summary>It answers nothing until it is released.</summary>
    Hangs,

    /// <summary>It refuses every other attempt, by the event and not by chance: a run can be repeated, and what is sent twice is answered alike.</summary>
    Fails,

    /// <summary>It answers the first two attempts of each event 429, and asks for a pause.</summary>
    Busy,
}

/// <summary>What a receiver answers to an attempt.</summary>
internal static class Answering
{
    /// <summary>What a busy receiver asks for; longer than the first waits of the run's schedule, so that it is seen whether the pause is kept.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private const int Ok = 200, TooManyRequests = 429, InternalError = 500, BusyAttempts = 2;

    public static int StatusOf(Conduct conduct, string eventId, int attempt) => conduct switch
    {
        Conduct.Fails when (HashOf(eventId) >> attempt & 1) == 1 => InternalError,
        Conduct.Busy when attempt <= BusyAttempts => TooManyRequests,
        _ => Ok,
    };

    // FNV-1a, and its upper half, which all characters have moved; the framework's own hash is another one in each process.
    private static uint HashOf(string text)
    {
        var hash = 2_166_136_261u;
        foreach (var character in text)
            hash = (hash ^ character) * 16_777_619u;
        return hash >> 16;
    }
}
