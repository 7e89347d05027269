using System.Numerics;

namespace VZaps.Protocol;

/// <summary>A set of the nine event types, as bits: the form in which filters are tested.</summary>
public readonly record struct EventTypeSet
{
    private readonly ushort _bits;

    private EventTypeSet(int bits) => _bits = (ushort)bits;

    /// <summary>How many types there are.</summary>
    public const int TypeCount = 9;

    /// <summary>No type.</summary>
    public static EventTypeSet None => default;

    /// <summary>All nine types.</summary>
    public static EventTypeSet All { get; } = new((1 << TypeCount) - 1);

    /// <summary>How many types are in the set.</summary>
    public int Count => BitOperations.PopCount(_bits);

    /// <summary>Whether no type is in the set.</summary>
    public bool IsEmpty => _bits == 0;

    /// <summary>The set of these types; <see cref="EventType.All"/> stands for all nine.</summary>
    /// <exception cref="ArgumentException">A type is not one of the contract.</exception>
    public static EventTypeSet Of(params IEnumerable<EventType> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        var bits = 0;
        foreach (var type in types)
        {
            if (type != EventType.All && !type.IsKnown)
                throw new ArgumentException($"'{type.Name}' is not an event type. Use one of: {EventType.Names}, All.", nameof(types));
            bits |= type == EventType.All ? All._bits : 1 << type.Index;
        }

        return new EventTypeSet(bits);
    }

    /// <summary>The set that was stored as <see cref="ToBits"/>.</summary>
    public static EventTypeSet FromBits(int bits) => new(bits & All._bits);

    /// <summary>The set as bits, type 0 lowest.</summary>
    public int ToBits() => _bits;

    /// <summary>Whether the type of that <see cref="EventType.Index"/> is in the set.</summary>
    public bool Contains(int typeIndex) => (_bits >> typeIndex & 1) != 0;

    /// <summary>Whether the type is in the set; false for a type that is not one of the nine.</summary>
    public bool Contains(EventType type) => type.IsKnown && Contains(type.Index);

    /// <summary>The types of both sets.</summary>
    public EventTypeSet Union(EventTypeSet other) => new(_bits | other._bits);

    /// <summary>The indexes of the types in the set, ascending.</summary>
    public IEnumerable<int> Indexes()
    {
        for (var index = 0; index < TypeCount; index++)
        {
            if (Contains(index))
                yield return index;
        }
    }

    /// <summary>The types in the set, in the order of the contract.</summary>
    public IEnumerable<EventType> Types() => Indexes().Select(index => EventType.Known[index]);

    /// <summary>The names, comma-separated.</summary>
    public override string ToString() => string.Join(',', Types());
}
