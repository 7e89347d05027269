using VZaps.Gateway.Delivery;

namespace VZaps.Gateway.Tests.Delivery;

/// <summary>
/// The rules of the contract for redelivery, written down the naive way: everything that ever happened is kept, and each
/// question is answered by looking through all of it.
/// </summary>
internal sealed class WindowModel(TimeSpan ackTimeout, int maxDeliveries, Random jitter)
{
    private readonly List<Sent> _open = []; // by first send
    private readonly List<(long Order, TimeSpan At)> _settled = [];
    private readonly List<TimeSpan> _signs = [TimeSpan.Zero];
    private long _sends;
    private int _acks;

    public int Count => _open.Count;

    public IReadOnlyList<long> Sequences => [.. _open.Select(sent => sent.Sequence)];

    public void Open(long sequence, TimeSpan now) => _open.Add(Send(new Sent { Sequence = sequence, AcksBefore = _acks }, now));

    public bool Ack(long sequence, TimeSpan now)
    {
        if (Find(sequence) is not { } sent)
            return false;
        _acks++;
        Sign(sent, now);
        _open.Remove(sent);
        return true;
    }

    public IReadOnlyList<long> AckUpTo(long sequence, TimeSpan now)
    {
        var meant = _open.Where(sent => sent.Sequence <= sequence && sent is { NackedUntil: null, IsRejected: false }).Select(sent => sent.Sequence).ToList();
        meant.ForEach(each => Ack(each, now));
        return meant;
    }

    public bool Nack(long sequence, TimeSpan delay, TimeSpan now)
    {
        if (Find(sequence) is not { IsRejected: false } sent)
            return false;
        Sign(sent, now);
        sent.NackedUntil = sent.Deliveries >= maxDeliveries ? now : now + delay;
        return true;
    }

    public bool Extend(long sequence, TimeSpan extension, TimeSpan now)
    {
        if (Find(sequence) is not { IsRejected: false, NackedUntil: null } sent)
            return false;
        Sign(sent, now);
        sent.FirstExtendedAt ??= now;
        var limit = sent.FirstExtendedAt.Value + TimeSpan.FromHours(1);
        var until = now + extension < limit ? now + extension : limit;
        if (until <= now && extension > TimeSpan.Zero)
            return false;
        (sent.ExtendedAt, sent.ExtendedUntil) = (now, until);
        return true;
    }

    public bool Reject(long sequence, TimeSpan now)
    {
        if (Find(sequence) is not { IsRejected: false } sent)
            return false;
        Sign(sent, now);
        sent.IsRejected = true;
        return true;
    }

    /// <summary>What is sent again now, with its count; and what dies.</summary>
    public (IReadOnlyList<(long Sequence, int Deliveries)> Again, IReadOnlyList<long> Dead) TakeDue(TimeSpan now)
    {
        var isQuiet = now - _signs[^1] >= ackTimeout;
        var due = _open.Where(sent => DueAt(sent) <= now)
            .Where(sent => sent.IsRejected || sent.NackedUntil is not null || !isQuiet || sent == _open[0])
            .ToList();
        var dead = due.Where(sent => sent.IsRejected || (sent.Deliveries >= maxDeliveries && _acks > sent.AcksBefore)).ToList();
        var again = due.Where(sent => !sent.IsRejected && sent.Deliveries < maxDeliveries).ToList();
        again.ForEach(sent => Send(sent, now));
        return ([.. again.Select(sent => (sent.Sequence, sent.Deliveries))], [.. dead.Select(sent => sent.Sequence)]);
    }

    /// <summary>A dead one is a dead letter now.</summary>
    public void Bury(long sequence, TimeSpan now)
    {
        var sent = Find(sequence)!;
        _settled.Add((sent.FirstOrder, now));
        _open.Remove(sent);
    }

    private TimeSpan DueAt(Sent sent)
    {
        if (sent.IsRejected)
            return TimeSpan.Zero;
        if (sent.NackedUntil is { } nackedUntil)
            return nackedUntil;
        var ahead = _settled.Where(settled => settled.Order < sent.Order).Select(settled => settled.At).DefaultIfEmpty(TimeSpan.MinValue).Max();
        var wait = ackTimeout * Math.Pow(2, sent.Deliveries - 1) * (1 + (0.1 * sent.Jitter));
        var clock = ahead > sent.SentAt ? ahead : sent.SentAt;
        if (sent.ExtendedUntil is not { } until)
            return clock + wait;
        return ahead > sent.ExtendedAt && ahead + wait > until ? ahead + wait : until;
    }

    private Sent Send(Sent sent, TimeSpan now)
    {
        (sent.Deliveries, sent.Order, sent.SentAt, sent.Jitter) = (sent.Deliveries + 1, ++_sends, now, jitter.NextDouble());
        sent.FirstOrder = sent.FirstOrder == 0 ? sent.Order : sent.FirstOrder;
        (sent.NackedUntil, sent.ExtendedUntil) = (null, null);
        return sent;
    }

    private void Sign(Sent sent, TimeSpan now)
    {
        _signs.Add(now);
        _settled.Add((sent.FirstOrder, now));
    }

    private Sent? Find(long sequence) => _open.Find(sent => sent.Sequence == sequence);

    private sealed class Sent
    {
        public long Sequence { get; init; }

        public int AcksBefore { get; init; }

        public int Deliveries { get; set; }

        public long FirstOrder { get; set; }

        public long Order { get; set; }

        public TimeSpan SentAt { get; set; }

        public double Jitter { get; set; }

        public TimeSpan? NackedUntil { get; set; }

        public TimeSpan? FirstExtendedAt { get; set; }

        public TimeSpan ExtendedAt { get; set; }

        public TimeSpan? ExtendedUntil { get; set; }

        public bool IsRejected { get; set; }
    }
}
