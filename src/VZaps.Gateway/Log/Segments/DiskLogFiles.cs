using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The log's files in a folder of a real disk.</summary>
internal sealed partial class DiskLogFiles : ILogFiles
{
    private readonly string _folder;

    public DiskLogFiles(string folder)
    {
        _folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(_folder);
    }

    public long FreeBytes => new DriveInfo(_folder).AvailableFreeSpace;

    public IReadOnlyList<string> List() => [.. Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path))];

    public ILogFile Create(string name, long length)
    {
        var handle = File.OpenHandle(
            PathOf(name), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, length);
        try
        {
            // preallocationSize takes the room but leaves the length at 0: then each append would grow the file, and
            // each flush would write its inode as well.
            RandomAccess.SetLength(handle, length);
            return new DiskLogFile(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public ILogFile Open(string name) => new DiskLogFile(File.OpenHandle(
        PathOf(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    public void Delete(string name) => File.Delete(PathOf(name));

    public void FlushFolder()
    {
        if (OperatingSystem.IsWindows())
            return; // NTFS journals names by itself, and has no flush of a folder
        var descriptor = OpenFolder(_folder, 0);
        if (descriptor < 0)
            throw Failure("open");
        try
        {
            if (FlushDescriptor(descriptor) != 0)
                throw Failure("flush");
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private IOException Failure(string what)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"Could not {what} the folder '{_folder}': {error.Message}.", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseDescriptor(int descriptor);

    private sealed class DiskLogFile(SafeFileHandle handle) : ILogFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

        public int Read(Span<byte> buffer, long offset)
        {
            var total = 0;
            while (total < buffer.Length && RandomAccess.Read(handle, buffer[total..], offset + total) is > 0 and var read)
                total += read;
            return total;
        }

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
        {
            var total = 0;
            while (total < buffer.Length
                && await RandomAccess.ReadAsync(handle, buffer[total..], offset + total, cancellationToken) is > 0 and var read)
            {
                total += read;
            }

            return total;
        }

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void Flush() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}
