namespace VZaps.LoadTest.Wire;

/// <summary>The acks of single events that all subscriptions to a server have sent.</summary>
internal sealed class SentAcks
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Add(int acks) => Interlocked.Add(ref _count, acks);
}
