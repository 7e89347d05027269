using System.Buffers;

namespace VZaps.Gateway.Log;

/// <summary>The pooled buffers in which a page's envelopes stand. For one owner at a time.</summary>
internal sealed class PageMemory
{
    private readonly List<byte[]> _rented = new(1);

    /// <summary>Whether there are buffers that were not returned.</summary>
    public bool IsHeld => _rented.Count > 0;

    /// <summary>A buffer of at least that many bytes, until <see cref="Return"/>.</summary>
    public byte[] Rent(int bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        _rented.Add(buffer);
        return buffer;
    }

    /// <summary>Gives all of it back. Without it the garbage collector takes it, as of anything else.</summary>
    public void Return()
    {
        foreach (var buffer in _rented)
            ArrayPool<byte>.Shared.Return(buffer);
        _rented.Clear();
    }
}
