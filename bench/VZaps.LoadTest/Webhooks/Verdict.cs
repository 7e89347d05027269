using System.Diagnostics;
using System.Text;

namespace VZaps.LoadTest.Webhooks;

/// <summary>The accounts of all receivers as a table, and what was promised of them.</summary>
/// <param name="accounts">One for each receiver.</param>
/// <param name="outage">The kill.</param>
/// <param name="concurrency">Most attempts of one endpoint at a time.</param>
internal sealed class Verdict(IReadOnlyList<ReceiverAccount> accounts, Outage outage, int concurrency)
{
    private const double LongestP99 = 1_000;

    private IEnumerable<ReceiverAccount> Healthy => accounts.Where(account => account.Receiver.Conduct == Conduct.Well);

    private (string Promise, int Breaches)[] Promises =>
    [
        ("every healthy endpoint has taken all of its events", Healthy.Sum(account => account.Events - account.Taken)),
        ("p99 from publish to receipt is below 1 s at each of them, outside of the restart", Healthy.Count(account => At(account.Latencies, 0.99) >= LongestP99)),
        ("the others have taken all of theirs in the end, or the log shows them as failed", accounts.Except(Healthy).Sum(account => account.Missing)),
        ("an attempt came twice only where it was in flight at the kill and not kept", accounts.Sum(account => account.WronglyTwice)),
        ($"these are no more at an endpoint than its concurrency of {concurrency}", accounts.Count(account => account.Twice.Count > concurrency)),
        ("the log has each attempt that arrived once, and no other, and says delivered of what was taken", accounts.Sum(account => account.Disagreements)),
        ("no attempt came before the Retry-After of the last one had passed", accounts.Sum(account => account.TooEarly)),
        ("nothing came that was not published", accounts.Sum(account => account.Foreign)),
    ];

    public bool Holds => Promises.All(promise => promise.Breaches == 0);

    public override string ToString()
    {
        var text = new StringBuilder()
            .AppendLine("| endpoints | events to each | posts | taken | failed, in the log | came twice | p50 | p99 | p99 of the worst | longest |")
            .AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var conduct in Enum.GetValues<Conduct>())
            text.AppendLine(Row(conduct, accounts.Where(account => account.Receiver.Conduct == conduct).ToList()));
        text.AppendLine().AppendLine("Milliseconds from when a publish was due to the first post, outside of the restart.").AppendLine().AppendLine(OutageText()).AppendLine();
        foreach (var (promise, breaches) in Promises)
            text.AppendLine($"- {(breaches == 0 ? "kept" : $"BROKEN {breaches:N0} times")}: {promise}");
        return text.ToString();
    }

    private static string Row(Conduct conduct, List<ReceiverAccount> of)
    {
        var all = of.SelectMany(account => account.Latencies).Order().ToList();
        return $"| {of.Count} {TextOf(conduct)} | {of.Sum(account => account.Events) / (double)of.Count:0.#} | {of.Sum(account => account.Receiver.Posts.Count):N0} "
            + $"| {of.Sum(account => account.Taken):N0} | {of.Sum(account => account.Failed):N0} | {of.Sum(account => account.Twice.Count):N0} "
            + $"| {At(all, 0.5):N1} | {At(all, 0.99):N1} | {of.Max(account => At(account.Latencies, 0.99)):N1} | {At(all, 1):N1} |";
    }

    private static string TextOf(Conduct conduct) => conduct switch
    {
        Conduct.Well => "healthy",
        Conduct.Hangs => "hang",
        Conduct.Fails => "fail every other attempt",
        _ => "answer 429 twice",
    };

    private string OutageText()
    {
        var twice = Healthy.SelectMany(account => account.Twice).ToList();
        var answered = twice.Where(post => post.AnsweredAt != 0 && post.AnsweredAt < outage.KilledAt).ToList();
        var oldest = answered.Count == 0 ? 0 : answered.Max(post => Stopwatch.GetElapsedTime(post.AnsweredAt, outage.KilledAt).TotalMilliseconds);
        var delayed = Healthy.SelectMany(account => account.DuringOutage).Order().ToList();
        return $"The gateway was killed with {outage.Unanswered} posts to healthy endpoints unanswered, and was ready again {outage.Length.TotalSeconds:0.0} s later. {twice.Count} of their posts came twice"
            + (answered.Count == 0 ? "" : $" ({answered.Count} had been answered, {oldest:0.0} ms before the kill at most, and were not kept yet)")
            + $"; {delayed.Count:N0} deliveries to them were delayed by the restart, {At(delayed, 1) / 1_000:0.0} s at most.";
    }

    private static double At(List<double> sorted, double share) => sorted.Count == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Count * share) - 1)];
}
