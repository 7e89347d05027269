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
    private HashSet<string> _durableNames = [];
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

    /// <summary>Ends a lasting want of room.</summary>
    public bool HasRoomAgain { get; set; }

    /// <summary>Operations so far that change the disk.</summary>
    public int Operations => _operations;

    public bool FaultWasHit => FailAt > 0 && _operations >= FailAt;

    public int Flushes { get; private set; }

    public long FreeBytes => 100L << 30;

    public IReadOnlyList<string> List()
    {
        lock (_lock)
            return [.. _files.Keys];
    }

    public ILogFile Create(string name, long length)
    {
        lock (_lock)
        {
            Operate();
            if (IsFull || Bytes - (_files.GetValueOrDefault(name)?.Now.Length ?? 0) + length > MostBytes)
                throw new LogDiskFullException("No space left on device");
            var content = new FileContent { Now = new byte[length] };
            _files[name] = content;
            return new Handle(this, content);
        }
    }

    public ILogFile Open(string name)
    {
        lock (_lock)
            return new Handle(this, _files[name]);
    }

    public void Rename(string from, string to) => throw new NotSupportedException();

    public void Delete(string name)
    {
        lock (_lock)
        {
            Operate();
            _files.Remove(name);
        }
    }

    public void FlushFolder()
    {
        lock (_lock)
        {
            Operate();
            if (!FlushIsTakenOut)
                _durableNames = [.. _files.Keys];
        }
    }

    /// <summary>The disk as a power cut leaves it: of what was written and not flushed, a random part of the 512-byte sectors.</summary>
    public SimulatedDisk CutPower(Random random)
    {
        lock (_lock)
        {
            var after = new SimulatedDisk { _durableNames = [.. _durableNames] };
            foreach (var name in _durableNames.Where(_files.ContainsKey))
            {
                var (now, durable) = (_files[name].Now, _files[name].Durable ?? []);
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

            return after;
        }
    }

    /// <summary>Changes a byte of a file.</summary>
    public void Damage(string name, long offset)
    {
        lock (_lock)
            _files[name].Now[offset] ^= 0xFF;
    }

    /// <summary>The disk with a file cut short and followed by zeros, as a kill in the middle of a write leaves it.</summary>
    public SimulatedDisk Torn(string name, long end)
    {
        lock (_lock)
        {
            var after = new SimulatedDisk();
            foreach (var (other, content) in _files)
                after._files[other] = new FileContent { Now = [.. content.Now] };
            after._files[name].Now.AsSpan((int)end).Clear();
            return after;
        }
    }

    private void Operate(bool givesRoomBack = false)
    {
        _operations++;
        if (WillFail(_operations, givesRoomBack))
            throw Fault == DiskFault.Failure ? new IOException($"Operation {FailAt} fails.") : new LogDiskFullException($"No room for operation {_operations}.");
    }

    private bool WillFail(int operation, bool givesRoomBack = false) => FailAt > 0 && Fault switch
    {
        DiskFault.Full => operation >= FailAt && !HasRoomAgain && (!givesRoomBack || operation == FailAt),
        DiskFault.FullForAll => operation >= FailAt && !HasRoomAgain,
        _ => operation == FailAt,
    };

    private sealed class FileContent
    {
        public byte[] Now { get; set; } = [];

        public byte[]? Durable { get; set; }
    }

    private sealed class Handle(SimulatedDisk disk, FileContent content) : ILogFile
    {
        public long Length => content.Now.Length;

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            lock (disk._lock)
            {
                // A write that fails may have written a part.
                if (disk.WillFail(disk._operations + 1))
                    bytes[..(bytes.Length / 2)].CopyTo(content.Now.AsSpan((int)offset));
                disk.Operate();
                if (disk.IsFullForRecords && offset >= FileHeader.Length)
                    throw new LogDiskFullException("No space left on device");
                bytes.CopyTo(content.Now.AsSpan((int)offset));
            }
        }

        public int Read(Span<byte> buffer, long offset)
        {
            lock (disk._lock)
            {
                if (disk.IsUnreadable)
                    throw new IOException("Input/output error");
                var count = (int)Math.Clamp(content.Now.Length - offset, 0, buffer.Length);
                content.Now.AsSpan((int)offset, count).CopyTo(buffer);
                return count;
            }
        }

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) => new(Read(buffer.Span, offset));

        public void SetLength(long length)
        {
            lock (disk._lock)
            {
                disk.Operate(givesRoomBack: length < content.Now.Length);
                var now = content.Now;
                Array.Resize(ref now, (int)length);
                content.Now = now;
            }
        }

        public void Flush()
        {
            lock (disk._lock)
            {
                // A file that was cut, or in which all has its place, is flushed on a full disk, too.
                disk.Operate(givesRoomBack: true);
                disk.Flushes++;
                if (!disk.FlushIsTakenOut)
                    content.Durable = [.. content.Now];
            }
        }

        public void Dispose()
        {
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
}
