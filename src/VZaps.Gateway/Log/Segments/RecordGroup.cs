namespace VZaps.Gateway.Log.Segments;

/// <summary>The records that have gathered for the next write, as they will stand in the file: one write and one flush for all of them.
/// The writer's alone.</summary>
internal sealed class RecordGroup(SegmentStore store, Writability writability, TimeProvider time, long lastGroup)
{
    private const int FirstLength = 256 * 1024;
    private byte[] _bytes = new byte[FirstLength];
    private long _lastGroup = lastGroup;

    public int Length { get; private set; }

    /// <summary>Where the next record will be in the current file.</summary>
    public long NextOffset => store.Current!.End + Length;

    private uint Start => (uint)(store.Current!.End / 8);

    public void AddEvent(InstanceId instance, in EventDraft draft, in NewRecord record, bool moreFollows)
    {
        Span<byte> key = stackalloc byte[draft.IdempotencyKey.Length];
        KeyMask.Apply(store.Seed, draft.IdempotencyKey.Span, key);
        Add(
            new RecordHeader(
                RecordFormat.HeaderLength + draft.Utf8.Length + key.Length, RecordKind.Event, moreFollows,
                (byte)draft.Type.Index, Start, store.Current!.Generation, _lastGroup + 1, record.Position.Sequence, record.TimeMs, record.KeyHash,
                draft.Utf8.Length, key.Length) { IsKeyMasked = true },
            instance, draft.Utf8.Span, key);
    }

    /// <summary>Adds a mark, if the current file has room for it.</summary>
    public bool TryAddMark(InstanceIndex mark)
    {
        if (!store.HasRoom(Length + RecordFormat.HeaderLength))
            return false;
        Add(
            new RecordHeader(RecordFormat.HeaderLength, RecordKind.Mark, MoreFollows: false, 0, Start, store.Current!.Generation,
                _lastGroup + 1, mark.AssignedSequence, mark.AssignedMs, 0, 0, 0),
            mark.Instance, [], []);
        store.Current!.FooterBytes += FooterFormat.DirectoryEntryLength;
        return true;
    }

    /// <summary>Writes and flushes, and is empty then. Null where all of it is durable; else why none of it counts.</summary>
    public Exception? Write()
    {
        if (Length == 0)
            return null;
        var current = store.Current!;
        var bytes = _bytes.AsSpan(0, Length);
        Length = 0;
        // Whoever comes here after a write or a flush that failed: the file is not written again.
        if (writability.Stopped is { } reason)
            return new EventLogUnavailableException(reason);
        try
        {
            current.Io.Write(bytes, current.End);
            current.Io.Flush();
        }
        catch (LogDiskFullException noRoom)
        {
            return TakeBack(noRoom);
        }
        catch (Exception failure)
        {
            return writability.Stop(failure);
        }

        current.End += bytes.Length;
        current.LastGroup = _lastGroup + 1;
        current.Saw(time.GetUtcNow().ToUnixTimeMilliseconds());
        _lastGroup++;
        writability.HasRoom();
        return null;
    }

    private void Add(in RecordHeader header, InstanceId instance, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> key)
    {
        if (Length + header.PaddedLength > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + header.PaddedLength));
        RecordFormat.Write(_bytes.AsSpan(Length), header, instance, envelope, key);
        Length += header.PaddedLength;
    }

    /// <summary>The file is ended at its last sound record and not written again: after a flush that found no room only what was
    /// flushed before is certain.</summary>
    private Exception TakeBack(LogDiskFullException noRoom)
    {
        var refusal = writability.NoRoom(Writability.NoRoomOnDisk, noRoom);
        try
        {
            store.CloseCurrent();
            return refusal;
        }
        catch (LogDiskFullException)
        {
            // Tried again before anything else is written; a start until then may find the records.
            return new EventLogUnavailableException("The disk has no room, and it is not known whether the events were kept. Send them again with the same idempotency keys.", noRoom);
        }
        catch (Exception failure)
        {
            return writability.Stop(failure);
        }
    }
}
