using VZaps.Gateway.Log.Segments;

namespace VZaps.Gateway.Tests.Log.Faults;

/// <summary>
/// A disk in memory that knows what was flushed, and can fail any operation. <see cref="CutPower"/> gives the disk as it is
/// after a power cut: what was not flushed is gone, or there in part.
/// </summary>
internal sealed class SimulatedDisk : ILogFiles
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileContent> _files = [];
    private readonly List<Action<Dictionary<string, FileContent>>> _namings = []; // since the last flush of the folder
    private Dictionary<string, FileContent> _durableNames = [];
    private volatile FlushGate? _gate;
    private volatile HeldCreates? _createGate;
    private volatile FlushGate? _deleteGate;
    private volatile HeldReads? _readGate;
    private int _operations;

    /// <summary>The number of the operation that fails, from 1; 0 for none. Every one behind it works again.</summary>
    public int FailAt { get; init; }

    /// <summary>Whether a flush does nothing: to see that the tests notice.</summary>
    public bool FlushIsTakenOut { get; init; }

    /// <summary>What the failing operation is short of, and for how long.</summary>
    public DiskFault Fault { get; init; }

    /// <summary>Whether creating a file finds no room.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether files can be made but no record finds room in one, as where a disk takes no room ahead.</summary>
    public bool IsFullForRecords { get; set; }

    /// <summary>What files may take together.</summary>
    public long MostBytes { get; set; } = long.MaxValue;

    /// <summary>What files take together.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _files.Values.Sum(file => (long)file.Now.Length);
        }
    }

    /// <summary>Whether no read works.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>Whether files may not be deleted, as where the folder's owner is another.</summary>
    public bool DeniesDeletes { get; set; }

    /// <summary>A file that may not be deleted, as where another program has it open.</summary>
    public string? Undeletable { get; set; }

    /// <summary>Files that are open: 0 when the log has been closed, or somebody forgot one.</summary>
    public int OpenFiles { get; private set; }

    /// <summary>Ends a lasting want of room.</summary>
    public bool HasRoomAgain { get; set; }

    /// <summary>Operations so far that change the disk.</summary>
    public int Operations => _operations;

    public bool FaultWasHit => FailAt > 0 && _operations >= FailAt;

    /// <summary>Bytes read so far.</summary>
    public long BytesRead { get; private set; }

    public long FreeBytes => 100L << 30;

    public IReadOnlyList<string> List()
    {
        lock (_lock)
            return [.. _files.Keys];
    }

    public ILogFile Create(string name, long length)
    {
        if (_createGate is { } held && name.EndsWith(held.Suffix, StringComparison.Ordinal))
            held.Gate.Pass();
        lock (_lock)
        {
            Operate();
            if (IsFull || Bytes - (_files.GetValueOrDefault(name)?.Now.Length ?? 0) + length > MostBytes)
                throw new LogDiskFullException("No space left on device");
            var content = new FileContent { Now = new byte[length] };
            Name(names => names[name] = content);
            return new Handle(this, content);
        }
    }

    public ILogFile Open(string name)
    {
        lock (_lock)
            return new Handle(this, _files[name]);
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            Operate();
            Name(names =>
            {
                if (names.Remove(from, out var content))
                    names[to] = content;
            });
        }
    }

    public void Delete(string name)
    {
        _deleteGate?.Pass();
        lock (_lock)
        {
            Operate();
            if (DeniesDeletes || name == Undeletable)
                throw new UnauthorizedAccessException($"Access to '{name}' is denied.");
            Name(names => names.Remove(name));
        }
    }

    public void FlushFolder()
    {
        lock (_lock)
        {
            Operate();
            if (FlushIsTakenOut)
                return;
            _durableNames = new Dictionary<string, FileContent>(_files);
            _namings.Clear();
        }
    }

    /// <summary>Has the flushes of files wait from now on, until the gate is opened or disposed.</summary>
    public FlushGate HoldFlushes()
    {
        var gate = new FlushGate(() => _gate = null);
        _gate = gate;
        return gate;
    }

    /// <summary>Has the creates of files whose names end so wait from now on, until the gate is opened or disposed.</summary>
    public FlushGate HoldCreates(string suffix)
    {
        var gate = new FlushGate(() => _createGate = null);
        _createGate = new HeldCreates(suffix, gate);
        return gate;
    }

    /// <summary>Has deletes wait from now on, until the gate is opened or disposed.</summary>
    public FlushGate HoldDeletes()
    {
        var gate = new FlushGate(() => _deleteGate = null);
        _deleteGate = gate;
        return gate;
    }

    /// <summary>Has reads of so many bytes or more wait from now on, until the gate is opened or disposed.</summary>
    public FlushGate HoldReads(int leastBytes)
    {
        var gate = new FlushGate(() => _readGate = null);
        _readGate = new HeldReads(leastBytes, gate);
        return gate;
    }

    /// <summary>The disk as a power cut leaves it: of what was written and not flushed, a random part of the 512-byte sectors; of names, the first so many changes.</summary>
    public SimulatedDisk CutPower(Random random)
    {
        lock (_lock)
        {
            var after = new SimulatedDisk();
            var names = new Dictionary<string, FileContent>(_durableNames);
            foreach (var naming in _namings.Take(random.Next(_namings.Count + 1)))
                naming(names);
            foreach (var (name, content) in names)
            {
                var (now, durable) = (content.Now, content.Durable ?? []);
                var bytes = new byte[Math.Max(now.Length, durable.Length)];
                durable.CopyTo(bytes, 0);
                for (var sector = 0; sector < now.Length; sector += 512)
                {
                    var length = Math.Min(512, now.Length - sector);
                    var changed = !now.AsSpan(sector, length).SequenceEqual(bytes.AsSpan(sector, length));
                    if (changed && random.Next(2) == 0)
                        now.AsSpan(sector, length).CopyTo(bytes.AsSpan(sector));
                }

                after._files[name] = new FileContent { Now = bytes, Durable = [.. bytes] };
            }

            after._durableNames = new Dictionary<string, FileContent>(after._files);

            return after;
        }
    }

    /// <summary>Changes a byte of a file.</summary>
    public void Damage(string name, long offset)
    {
        lock (_lock)
            _files[name].Now[offset] ^= 0xFF;
    }

    public SimulatedDisk Copy(int failAt = 0, DiskFault fault = DiskFault.Failure)
    {
        lock (_lock)
        {
            var copy = new SimulatedDisk { FailAt = failAt, Fault = fault };
            foreach (var (name, content) in _files)
                copy._files[name] = new FileContent { Now = [.. content.Now], Durable = [.. content.Now] };
            copy._durableNames = new Dictionary<string, FileContent>(copy._files);
            return copy;
        }
    }

    public byte[] Content(string name)
    {
        lock (_lock)
            return [.. _files[name].Now];
    }

    /// <summary>The disk with another content of a file.</summary>
    public SimulatedDisk With(string name, byte[] content)
    {
        var after = Copy();
        after._files[name] = new FileContent { Now = content, Durable = [.. content] };
        after._durableNames = new Dictionary<string, FileContent>(after._files);
        return after;
    }

    /// <summary>The disk with a file cut short.</summary>
    public SimulatedDisk Cut(string name, long end)
    {
        var after = Copy();
        after._files[name].Now = after._files[name].Now[..(int)end];
        return after;
    }

    /// <summary>The disk with a file cut short and followed by zeros, as a kill in the middle of a write leaves it.</summary>
    public SimulatedDisk Torn(string name, long end)
    {
        lock (_lock)
        {
            var after = Copy();
            after._files[name].Now.AsSpan((int)end).Clear();
            return after;
        }
    }

    private void Name(Action<Dictionary<string, FileContent>> naming)
    {
        naming(_files);
        _namings.Add(naming);
    }

    private void Operate(bool givesRoomBack = false)
    {
        _operations++;
        if (WillFail(_operations, givesRoomBack))
            throw Fault is DiskFault.Failure or DiskFault.PowerCut ? new IOException($"Operation {FailAt} fails.") : new LogDiskFullException($"No room for operation {_operations}.");
    }

    private bool WillFail(int operation, bool givesRoomBack = false) => FailAt > 0 && Fault switch
    {
        DiskFault.Full => operation >= FailAt && !HasRoomAgain && (!givesRoomBack || operation == FailAt),
        DiskFault.FullForAll => operation >= FailAt && !HasRoomAgain,
        DiskFault.PowerCut => operation >= FailAt,
        _ => operation == FailAt,
    };

    private sealed record HeldCreates(string Suffix, FlushGate Gate);

    private sealed record HeldReads(int LeastBytes, FlushGate Gate);

    private sealed class FileContent
    {
        public byte[] Now { get; set; } = [];

        public byte[]? Durable { get; set; }
    }

    private sealed class Handle : ILogFile
    {
        private readonly SimulatedDisk _disk;
        private readonly FileContent _content;
        private bool _isClosed;

        /// <summary>With the disk's lock held.</summary>
        public Handle(SimulatedDisk disk, FileContent content)
        {
            (_disk, _content) = (disk, content);
            _disk.OpenFiles++;
        }

        public long Length => _content.Now.Length;

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (_disk._lock)
            {
                // A write that fails may have written a part.
                if (_disk.WillFail(_disk._operations + 1))
                    bytes[..(bytes.Length / 2)].CopyTo(_content.Now.AsSpan((int)offset));
                _disk.Operate();
                if (_disk.IsFullForRecords && offset >= FileHeader.Length)
                    throw new LogDiskFullException("No space left on device");
                bytes.CopyTo(_content.Now.AsSpan((int)offset));
            }
        }

        public int Read(Span<byte> buffer, long offset)
        {
            if (_disk._readGate is { } held && buffer.Length >= held.LeastBytes)
                held.Gate.Pass();
            lock (_disk._lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                if (_disk.IsUnreadable)
                    throw new IOException("Input/output error");
                var count = (int)Math.Clamp(_content.Now.Length - offset, 0, buffer.Length);
                _disk.BytesRead += count;
                _content.Now.AsSpan((int)offset, count).CopyTo(buffer);
                return count;
            }
        }

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) => new(Read(buffer.Span, offset));

        public void SetLength(long length)
        {
            lock (_disk._lock)
            {
                _disk.Operate(givesRoomBack: length < _content.Now.Length);
                if (length > _content.Now.Length && _disk.Bytes - _content.Now.Length + length > _disk.MostBytes)
                    throw new LogDiskFullException("No space left on device");
                var now = _content.Now;
                Array.Resize(ref now, (int)length);
                _content.Now = now;
            }
        }

        public void Flush()
        {
            _disk._gate?.Pass();
            lock (_disk._lock)
            {
                // A file that was cut, or in which all has its place, is flushed on a full disk, too.
                _disk.Operate(givesRoomBack: true);
                if (!_disk.FlushIsTakenOut)
                    _content.Durable = [.. _content.Now];
            }
        }

        public void Dispose()
        {
            lock (_disk._lock)
            {
                if (!_isClosed)
                    _disk.OpenFiles--;
                _isClosed = true;
            }
        }
    }
}

/// <summary>How a disk fails.</summary>
internal enum DiskFault
{
    /// <summary>One operation fails, for a reason that does not mend itself.</summary>
    Failure,

    /// <summary>One operation finds no room, the next finds some.</summary>
    FullOnce,

    /// <summary>From one operation on nothing finds room but what gives room back, as on most disks.</summary>
    Full,

    /// <summary>From one operation on nothing finds room, not even to give some back, as where each change is written elsewhere first.</summary>
    FullForAll,

    /// <summary>From one operation on nothing works any more; what follows is <see cref="SimulatedDisk.CutPower"/>.</summary>
    PowerCut,
}
