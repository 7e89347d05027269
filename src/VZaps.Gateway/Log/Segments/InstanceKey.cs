using System.Buffers.Binary;
using System.Text;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The 32 characters of an instance's id behind <c>VZ</c>, as they stand in the files; ordered as those are.</summary>
internal readonly record struct InstanceKey(ulong First, ulong Second, ulong Third, ulong Fourth) : IComparable<InstanceKey>
{
    public const int Length = InstanceId.Length - 2;

    public static InstanceKey Of(InstanceId instance)
    {
        Span<byte> characters = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(instance.Value.AsSpan(2), characters);
        return Read(characters);
    }

    public static InstanceKey Read(ReadOnlySpan<byte> characters) => new(
        BinaryPrimitives.ReadUInt64BigEndian(characters), BinaryPrimitives.ReadUInt64BigEndian(characters[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(characters[16..]), BinaryPrimitives.ReadUInt64BigEndian(characters[24..]));

    public void Write(Span<byte> characters)
    {
        BinaryPrimitives.WriteUInt64BigEndian(characters, First);
        BinaryPrimitives.WriteUInt64BigEndian(characters[8..], Second);
        BinaryPrimitives.WriteUInt64BigEndian(characters[16..], Third);
        BinaryPrimitives.WriteUInt64BigEndian(characters[24..], Fourth);
    }

    public InstanceId ToInstance()
    {
        Span<byte> characters = stackalloc byte[Length];
        Write(characters);
        return RecordFormat.InstanceOf(characters);
    }

    public int CompareTo(InstanceKey other)
    {
        if (First != other.First)
            return First.CompareTo(other.First);
        if (Second != other.Second)
            return Second.CompareTo(other.Second);
        return Third != other.Third ? Third.CompareTo(other.Third) : Fourth.CompareTo(other.Fourth);
    }

    public static bool operator <(InstanceKey one, InstanceKey other) => one.CompareTo(other) < 0;

    public static bool operator >(InstanceKey one, InstanceKey other) => one.CompareTo(other) > 0;

    public static bool operator <=(InstanceKey one, InstanceKey other) => one.CompareTo(other) <= 0;

    public static bool operator >=(InstanceKey one, InstanceKey other) => one.CompareTo(other) >= 0;

    // Ids are random: any part of one is as good as a hash of all of it.
    public override int GetHashCode() => First.GetHashCode() ^ Fourth.GetHashCode();
}
