namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Goes from one file to the next, and lets the oldest go: where the disk has no room, and where it has it again, is found out here.
/// The writer's alone; <paramref name="commit"/> writes the group that has gathered.
/// </summary>
internal sealed class SegmentRoll(
    SegmentStore store, RecordGroup records, SegmentRetention retention, LeavingDirectory directory, SegmentRemoval removal, Writability writability, LogOptions options,
    Func<bool> commit)
{
    /// <summary>A request's records stand together in one file.</summary>
    /// <exception cref="EventLogFullException">There is no room for the next file.</exception>
    public void MakeRoom(long bytes)
    {
        if (store.HasRoomWithFooter(records.Length + bytes))
        {
            store.PrepareAhead(options.SegmentBytes);
            return;
        }

        if (!commit())
            throw writability.Refusal();
        CloseCurrent();
        if (options.WhenFull == LogFullPolicy.Refuse && retention.OverBytes() is { Count: > 0 } && retention.Expired().Count == 0)
            throw writability.NoRoom("The log holds all that Log:RetentionBytes allows, and Log:WhenFull is Refuse. Raise the limit, or wait until Log:RetentionAge makes room.");
        var leaving = options.WhenFull == LogFullPolicy.Refuse ? retention.Expired() : retention.ToDrop();
        try
        {
            CreateNext(options.SegmentBytes);
            // More of them go with the files that come: where many have to, nobody waits for all. For the disk's bound it is waited,
            // or what is written faster than it is taken off would pass it; for an age it is not.
            DropOldest([.. leaving.Take(Math.Max(removal.FreePlaces, retention.OverBytes().Count > 0 ? 1 : 0))]);
        }
        catch (EventLogFullException) when (leaving.Count > 0 || removal.FreePlaces < SegmentRemoval.MaxLeaving)
        {
            // What has to go anyway, or is on its way, may be what the disk lacks.
            DropOldest(leaving, isUrgent: true);
            removal.Finish();
            CloseCurrent();
            CreateNext(options.SegmentBytes);
        }

        if (writability.Stopped is not null || !store.HasRoomWithFooter(bytes))
            throw writability.Refusal(); // a mark could not be written
    }

    public void CloseCurrent()
    {
        try
        {
            store.CloseCurrent();
        }
        catch (LogDiskFullException noRoom)
        {
            throw writability.NoRoom(Writability.NoRoomOnDisk, noRoom);
        }
        catch (Exception failure)
        {
            throw writability.Stop(failure);
        }
    }

    /// <exception cref="EventLogFullException">There is no room for it.</exception>
    /// <exception cref="EventLogUnavailableException">It could not be made; where a flush failed, the log has stopped.</exception>
    private void CreateNext(long bytes)
    {
        try
        {
            var next = store.Prepare(bytes);
            try
            {
                store.Begin(next);
            }
            catch (Exception failure) when (failure is not LogDiskFullException)
            {
                throw writability.Stop(failure);
            }
        }
        catch (LogDiskFullException noRoom)
        {
            throw writability.NoRoom(Writability.NoRoomOnDisk, noRoom);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Such as too many open files. Nothing is at stake yet: the next publish tries again.
            throw writability.NoRoom($"The log's next file could not be made ({failure.Message}). Nothing was stored; it is tried again with each publish.", failure);
        }
    }

    /// <summary>Lets files go; before that, what must outlive them is written.</summary>
    /// <param name="files">The files, oldest first.</param>
    /// <param name="isUrgent">Whether the room is needed now; else files wait for one whose damaged directory is made again.</param>
    public void DropOldest(IReadOnlyList<SegmentFile> files, bool isUrgent = false)
    {
        foreach (var file in files)
        {
            if (directory.Read(file, isUrgent) is not { } blocks)
                return;
            var marks = retention.MarksFor(file);
            if (store.Current is null && marks.Count > 0)
                CreateForMarks(files.Sum(leaving => retention.MarksFor(leaving).Count));
            var written = marks.TakeWhile(records.TryAddMark).ToList();
            if (!commit())
                return;
            foreach (var mark in written)
                mark.NewestFile = store.Current;
            if (written.Count < marks.Count)
                return; // this file goes with the next one's beginning
            retention.LetGo(file, blocks);
            removal.Add(file);
        }
    }

    /// <summary>On a full disk the marks are all that stands between it and the room that an old file takes.</summary>
    private void CreateForMarks(int marks)
    {
        try
        {
            CreateNext(options.SegmentBytes);
        }
        catch (EventLogFullException)
        {
            CreateNext(FileHeader.Length + ((long)marks * RecordFormat.HeaderLength));
        }
    }
}
