namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Takes files off the disk that retention has let go of. Their keys are written first, durably, and the key table is told in steps; both the writing
/// and the deleting are done on another thread, so that no publisher waits for them. The writer's alone, but for that work.
/// </summary>
/// <remarks>A crash at any moment leaves the file, with or without one of its keys: the next start finds the file, and it goes again.</remarks>
internal sealed partial class SegmentRemoval(SegmentStore store, KeyFiles keys, Writability writability, ILogger logger)
{
    /// <summary>Files that cannot be deleted and are passed over. Where there are more, none can be, and to let more go would make no room.</summary>
    public const int MaxStuck = 4;

    /// <summary>Files that may be on their way at once; who lets more go waits for the first: the disk is no faster than that.</summary>
    public const int MaxLeaving = 2;

    /// <summary>Keys that change their place in the table between two groups: less than a millisecond.</summary>
    public const int KeysInStep = 4_096;

    private readonly GoneFiles _gone = new(store.Files, logger);
    private readonly Queue<Leaving> _leaving = [];
    private readonly Queue<Leaving> _stuck = [];
    private readonly List<Action> _whenDone = [];
    private long _bytes;
    private int _noted;

    /// <summary>Told, on another thread, when there is something to do for <see cref="Step"/>.</summary>
    public Action Wake { get; set; } = static () => { };

    /// <summary>What the files take that are on their way; for any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>What those of them take that cannot be deleted.</summary>
    public long StuckBytes => _stuck.Concat(_leaving).Where(leaving => leaving.IsNoted).Sum(leaving => leaving.File.Bytes);

    /// <summary>How many more files may be on their way.</summary>
    public int FreePlaces => Math.Max(0, MaxLeaving - _leaving.Count);

    /// <summary>Whether the first of them cannot be taken off now, nor be noted as gone: the others wait, or a start would find a hole.</summary>
    public bool IsBlocked => writability.Stopped is not null || (_leaving.TryPeek(out var first) && first.HasFailed);

    /// <summary>Takes a file that nobody finds any more.</summary>
    public void Add(SegmentFile file)
    {
        while (_leaving.Count >= MaxLeaving && TryFinishFirst())
        {
        }

        _leaving.Enqueue(new Leaving(file));
        Interlocked.Add(ref _bytes, file.Bytes);
        // A smaller file is gone in less time than it takes to wake a thread for it; but not if it has to wait for others.
        if (file.Bytes < NextFile.LeastBytes && _leaving.Count == 1)
            Finish();
        else
            Step();
    }

    /// <summary>Goes on where work on the other thread has ended. Returns whether there is more to do at once.</summary>
    public bool Step()
    {
        while (_leaving.TryPeek(out var first) && !first.HasFailed && writability.Stopped is null)
        {
            if (first.Stage == Stage.Table && !TellTable(first, KeysInStep))
                return true;
            if (first.Stage == Stage.Keys && !IsDone(first, WriteKeys))
                return false;
            if (first.Stage == Stage.File && !IsDone(first, Delete))
                return false;
            GoOn(first);
        }

        Done();
        return false;
    }

    /// <summary>Does all that is left now: the room is needed, or the file is small.</summary>
    public void Finish()
    {
        while (TryFinishFirst())
        {
        }

        Done();
    }

    /// <summary>Tries those again that could not be taken off before.</summary>
    public void TryAgain()
    {
        while (_stuck.TryDequeue(out var stuck))
        {
            stuck.Stage = Stage.File;
            _leaving.Enqueue(stuck);
        }

        foreach (var leaving in _leaving)
        {
            if (leaving.HasFailed && (leaving.Work is null || leaving.HasWorked))
                (leaving.Work, leaving.HasWorked, leaving.HasFailed) = (null, false, false);
        }

        Step();
    }

    /// <summary>Has something done when no file is on its way any more, or none can be taken off now.</summary>
    public void WhenDone(Action action)
    {
        _whenDone.Add(action);
        Step();
    }

    /// <summary>Waits for the other thread, and leaves the rest to the next start.</summary>
    public void Stop()
    {
        foreach (var leaving in _leaving)
        {
            leaving.Work?.GetAwaiter().GetResult();
            if (leaving.Stage != Stage.File || leaving.Work is null || leaving.HasFailed || leaving.IsNoted)
                leaving.File.Release();
            if (leaving.Stage == Stage.Keys || leaving.Moved == 0)
                leaving.Kept?.File.Release(); // nobody else knows of it yet
        }

        foreach (var stuck in _stuck)
            stuck.File.Release();
        _leaving.Clear();
        _stuck.Clear();
        Done();
    }

    /// <summary>Finishes the first file before it returns; false where there is none, or it could not be.</summary>
    private bool TryFinishFirst()
    {
        if (!_leaving.TryPeek(out var first) || writability.Stopped is not null)
            return false;
        if (first.Work is { } work)
        {
            work.GetAwaiter().GetResult();
            GoOn(first); // before its failure is forgotten
        }

        first.HasFailed = false;
        while (first.Stage <= Stage.File && !first.HasFailed)
        {
            if (first.Stage == Stage.Keys)
                WriteKeys(first);
            else if (first.Stage == Stage.File)
                Delete(first);
            else if (!TellTable(first, KeysInStep))
                continue; // the table would have keys in a file that is closed
            GoOn(first);
        }

        return !first.HasFailed;
    }

    private bool IsDone(Leaving leaving, Action<Leaving> work)
    {
        leaving.Work ??= Task.Run(() =>
        {
            work(leaving);
            leaving.HasWorked = true; // the task itself has not ended when its end is told
            Wake();
        });
        return leaving.HasWorked;
    }

    /// <summary>To the next stage, or off the list.</summary>
    private void GoOn(Leaving leaving)
    {
        (leaving.Work, leaving.HasWorked) = (null, false);
        if (leaving.HasFailed)
            return;
        if (leaving.Stage++ != Stage.File)
            return;
        _leaving.Dequeue();
        if (leaving.IsNoted)
            _stuck.Enqueue(leaving);
        else
            Interlocked.Add(ref _bytes, -leaving.File.Bytes);
    }

    private void Done()
    {
        foreach (var action in _whenDone)
            action();
        _whenDone.Clear();
    }

    private void WriteKeys(Leaving leaving)
    {
        try
        {
            leaving.Kept = keys.Write(leaving.File);
        }
        catch (Exception failure)
        {
            NoteFailure(leaving, failure);
        }
    }

    /// <summary>Tells the key table where so many of the keys are now; true when all are.</summary>
    private bool TellTable(Leaving leaving, int most)
    {
        if (leaving.Kept is { } kept)
        {
            if (leaving.Moved == 0)
                keys.Add(kept);
            leaving.Moved = keys.Move(leaving.File, kept, leaving.Moved, most);
            if (leaving.Moved < kept.Moves.Count)
                return false;
        }

        keys.Forget(leaving.File);
        return true;
    }

    private void Delete(Leaving leaving)
    {
        try
        {
            store.Delete(leaving.File);
            if (!leaving.IsNoted)
                return;
            _gone.Forget(leaving.File.Name);
            leaving.IsNoted = false;
            Interlocked.Decrement(ref _noted);
        }
        catch (Exception failure)
        {
            // It is out of the index. No reason to refuse a publish.
            NoteFailure(leaving, failure);
            PassOver(leaving);
        }
    }

    private void PassOver(Leaving leaving)
    {
        if (!leaving.IsNoted && Volatile.Read(ref _noted) < MaxStuck && _gone.TryNote(leaving.File.Name))
        {
            leaving.IsNoted = true;
            Interlocked.Increment(ref _noted);
        }

        leaving.HasFailed = !leaving.IsNoted;
    }

    private void NoteFailure(Leaving leaving, Exception failure)
    {
        if (!leaving.IsLogged)
            LogNotRemoved(logger, failure, leaving.File.Name);
        (leaving.HasFailed, leaving.IsLogged) = (true, true);
    }

    [LoggerMessage(2013, LogLevel.Warning, "Retention could not remove {File}; it is tried again once a minute. Readers do not find its events any more, but its room is not free: look at its permissions, and at who has it open.")]
    private static partial void LogNotRemoved(ILogger logger, Exception failure, string file);

    private enum Stage
    {
        /// <summary>Its keys are written; on the other thread.</summary>
        Keys,

        /// <summary>The key table is told where they are.</summary>
        Table,

        /// <summary>It is deleted; on the other thread.</summary>
        File,
    }

    private sealed class Leaving(SegmentFile file)
    {
        private volatile bool _hasWorked;

        public SegmentFile File => file;

        public Stage Stage { get; set; }

        /// <summary>What the other thread is at.</summary>
        public Task? Work { get; set; }

        /// <summary>Whether the other thread has done it, or failed at it.</summary>
        public bool HasWorked
        {
            get => _hasWorked;
            set => _hasWorked = value;
        }

        public bool HasFailed { get; set; }

        public bool IsLogged { get; set; }

        /// <summary>Whether it could not be deleted, and a start knows that it has gone.</summary>
        public bool IsNoted { get; set; }

        public KeptKeys? Kept { get; set; }

        /// <summary>How many of its keys the table knows in their new place.</summary>
        public int Moved { get; set; }
    }
}
