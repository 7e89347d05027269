using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VZaps.LoadTest.Bare;

/// <summary>A file whose blocks all exist before the first event, and that begins again at its start when it is full.</summary>
internal sealed partial class RecycledSegment : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly long _bytes;

    public RecycledSegment(string path, long bytes)
    {
        (_handle, _bytes) = (File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read), bytes);
        // Zeros and not fallocate alone: a block that was only promised costs a journal entry when it is first written.
        var zeros = new byte[1 << 20];
        for (var offset = 0L; offset < bytes; offset += zeros.Length)
            RandomAccess.Write(_handle, zeros, offset);
        RandomAccess.FlushToDisk(_handle);
    }

    /// <summary>Where the next group goes: behind what is durable.</summary>
    public long End { get; private set; }

    /// <summary>Whether older groups were overwritten.</summary>
    public bool HasWrapped { get; private set; }

    /// <summary>Writes a group and makes it durable. For one thread.</summary>
    public void Append(ReadOnlySpan<byte> group)
    {
        if (End + group.Length > _bytes)
            (End, HasWrapped) = (0, true);
        RandomAccess.Write(_handle, group, End);
        if (FlushData(_handle) != 0)
            throw new IOException($"fdatasync failed with {Marshal.GetLastPInvokeError()}.");
        End += group.Length;
    }

    public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(_handle, buffer, offset);

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FlushData(SafeFileHandle handle);
}
