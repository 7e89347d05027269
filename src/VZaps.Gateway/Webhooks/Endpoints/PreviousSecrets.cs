using System.Buffers.Binary;

namespace VZaps.Gateway.Webhooks;

/// <summary>The secrets before the current one, each of which signs too for a time after its rotation.</summary>
internal sealed class PreviousSecrets
{
    /// <summary>Most that hold at a time.</summary>
    public const int Most = 4;

    private const int TimeBytes = 8, EntryBytes = TimeBytes + WebhookSecret.KeyBytes;
    private readonly IReadOnlyList<(DateTimeOffset Until, byte[] Key)> _entries;

    private PreviousSecrets(IReadOnlyList<(DateTimeOffset Until, byte[] Key)> entries, byte[]? kept = null) => (_entries, Kept) = (entries, kept);

    public static PreviousSecrets None { get; } = new([]);

    /// <summary>As the database keeps them; null where it does not yet. What could not be read is written back as it was.</summary>
    public byte[]? Kept { get; }

    public bool IsNone => _entries.Count == 0 && Kept is null;

    /// <summary>Until when the last of them holds.</summary>
    public DateTimeOffset? Until => _entries.Count == 0 ? null : _entries.Max(entry => entry.Until);

    /// <summary>Those that cannot be read.</summary>
    public static PreviousSecrets Unreadable(byte[] kept) => new([], kept);

    /// <summary>Those that bytes say, newest first.</summary>
    public static PreviousSecrets Read(ReadOnlySpan<byte> bytes, byte[] kept)
    {
        var entries = new List<(DateTimeOffset, byte[])>();
        for (; bytes.Length >= EntryBytes; bytes = bytes[EntryBytes..])
            entries.Add((DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes)), bytes[TimeBytes..EntryBytes].ToArray()));
        return new PreviousSecrets(entries, kept);
    }

    /// <summary>The keys that hold, newest first.</summary>
    public IEnumerable<byte[]> KeysAt(DateTimeOffset now) => _entries.Where(entry => entry.Until > now).Select(entry => entry.Key);

    /// <summary>With another one, and without those that hold no longer. One that cannot be read is none.</summary>
    public PreviousSecrets With(WebhookSecret secret, DateTimeOffset until, DateTimeOffset now)
    {
        var holding = _entries.Where(entry => entry.Until > now);
        return new PreviousSecrets(secret.Key is { } key ? [(until, key), .. holding] : [.. holding]);
    }

    /// <summary>Bytes that say what they are, and are secret themselves.</summary>
    public byte[] Write()
    {
        var bytes = new byte[_entries.Count * EntryBytes];
        var rest = bytes.AsSpan();
        foreach (var (until, key) in _entries)
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, until.ToUnixTimeMilliseconds());
            key.CopyTo(rest[TimeBytes..]);
            rest = rest[EntryBytes..];
        }

        return bytes;
    }
}
