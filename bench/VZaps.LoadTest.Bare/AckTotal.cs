namespace VZaps.LoadTest.Bare;

/// <summary>The acks of all connections.</summary>
internal sealed class AckTotal
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Add(int acks) => Interlocked.Add(ref _count, acks);
}
