using System.Diagnostics;

namespace VZaps.LoadTest.Webhooks;

/// <summary>What one receiver got, held against what was published and against what the gateway's logs say.</summary>
internal sealed class ReceiverAccount
{
    // Two clocks: the receiver's, which never goes back, and the one by which the gateway waits.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMilliseconds(50);

    private readonly Outage _outage;

    /// <param name="receiver">Whose account it is.</param>
    /// <param name="published">By event id, when each event of its instance was due.</param>
    /// <param name="logs">By event id, what the gateway says of its deliveries there.</param>
    /// <param name="outage">The kill.</param>
    public ReceiverAccount(Receiver receiver, IReadOnlyDictionary<string, long> published, IReadOnlyDictionary<string, LoggedDelivery> logs, Outage outage)
    {
        (Receiver, _outage, Events) = (receiver, outage, published.Count);
        var byEvent = receiver.Posts.GroupBy(post => post.EventId, StringComparer.Ordinal).ToDictionary(posts => posts.Key, posts => posts.ToList(), StringComparer.Ordinal);
        Foreign = byEvent.Keys.Count(id => !published.ContainsKey(id)) + logs.Keys.Count(id => !published.ContainsKey(id));
        foreach (var (id, due) in published)
            Take(byEvent.GetValueOrDefault(id) ?? [], due, logs.GetValueOrDefault(id));
        Latencies.Sort();
        DuringOutage.Sort();
    }

    public Receiver Receiver { get; }

    /// <summary>Events of its instance.</summary>
    public int Events { get; }

    /// <summary>Events that were answered 200.</summary>
    public int Taken { get; private set; }

    /// <summary>Events that were not, and that the log shows as failed.</summary>
    public int Failed { get; private set; }

    /// <summary>Events that are neither.</summary>
    public int Missing => Events - Taken - Failed;

    /// <summary>Posts and logs of events that its instance never had.</summary>
    public int Foreign { get; }

    /// <summary>Milliseconds from when a publish was due to the first post, outside of the restart; sorted.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>The same of those that the restart delayed.</summary>
    public List<double> DuringOutage { get; } = [];

    /// <summary>Posts that were in flight at the kill and were made once more.</summary>
    public List<ReceivedPost> Twice { get; } = [];

    /// <summary>Posts that came once more without that excuse.</summary>
    public int WronglyTwice { get; private set; }

    /// <summary>Attempts that the log kept and the receiver never saw, or the other way round; and logs that say delivered where nothing was taken, or the other way round.</summary>
    public int Disagreements { get; private set; }

    /// <summary>Attempts that came before the pause that was asked for had passed.</summary>
    public int TooEarly { get; private set; }

    private void Take(List<ReceivedPost> posts, long due, LoggedDelivery? log)
    {
        if (posts.Count > 0)
        {
            var arrivedAt = posts[0].ArrivedAt;
            (_outage.Covers(due, arrivedAt) ? DuringOutage : Latencies).Add(Stopwatch.GetElapsedTime(due, arrivedAt).TotalMilliseconds);
        }

        var isTaken = posts.Exists(post => post.IsTaken);
        Taken += isTaken ? 1 : 0;
        Failed += !isTaken && log is { IsFailed: true } ? 1 : 0;
        var attempts = posts.GroupBy(post => post.Attempt).OrderBy(attempt => attempt.Key).Select(attempt => attempt.ToList()).ToList();
        if (log is null || log.IsDelivered != isTaken || log.Attempts.Count != attempts.Count)
        {
            Disagreements++;
            return;
        }

        for (var i = 0; i < attempts.Count; i++)
            TakeAttempt(attempts[i], log.Attempts[i]);
        for (var i = 1; i < attempts.Count; i++)
            TooEarly += IsTooEarly(attempts[i - 1][^1], attempts[i][0]) ? 1 : 0;
    }

    private void TakeAttempt(List<ReceivedPost> posts, DateTimeOffset keptAttemptBegan)
    {
        // What was begun before the kill and came once was kept: by then, or the next process would have made it again. What came twice was not.
        var wasKeptBefore = keptAttemptBegan < _outage.StartedAtTime;
        switch (posts)
        {
            case [var only]:
                if (wasKeptBefore != only.ArrivedAt < _outage.StartedAt)
                    Disagreements++;
                break;
            case [var first, var second] when _outage.Explains(first, second) && !wasKeptBefore:
                Twice.Add(first);
                break;
            default:
                WronglyTwice += posts.Count - 1;
                break;
        }
    }

    private static bool IsTooEarly(ReceivedPost before, ReceivedPost next) =>
        before.Status == 429 && Stopwatch.GetElapsedTime(before.AnsweredAt, next.ArrivedAt) < Answering.RetryAfter - ClockTolerance;
}
