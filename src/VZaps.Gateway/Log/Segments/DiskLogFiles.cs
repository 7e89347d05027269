using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The log's files in a folder of a real disk.</summary>
internal sealed partial class DiskLogFiles : ILogFiles
{
    private const int NoSystemCode = unchecked((int)0x80131620); // COR_E_IO: of an IOException that no system call's failure made

    private const UnixFileMode OwnerOnlyFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder;
    private readonly bool _isReadOnly;

    /// <param name="folder">Made where it is not there.</param>
    /// <param name="isReadOnly">Whether all is left as it is; the folder must be there.</param>
    public DiskLogFiles(string folder, bool isReadOnly = false)
    {
        _folder = Path.GetFullPath(folder);
        _isReadOnly = isReadOnly;
        if (isReadOnly)
            return;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
            return;
        }

        Directory.CreateDirectory(_folder, OwnerOnlyFolder);
        MakeOwnerOnly();
    }

    public long FreeBytes => new DriveInfo(_folder).AvailableFreeSpace;

    public IReadOnlyList<string> List() => [.. Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path))];

    public ILogFile Create(string name, long length)
    {
        var handle = Allocate(PathOf(name), length);
        var file = new DiskLogFile(handle);
        try
        {
            // preallocationSize takes the room but leaves the length at 0: then each append would grow the file, and
            // each flush would write its inode as well.
            file.SetLength(length);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public ILogFile Open(string name) => new DiskLogFile(File.OpenHandle(
        PathOf(name), FileMode.Open, _isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    public void Delete(string name) => File.Delete(PathOf(name));

    public void FlushFolder()
    {
        if (OperatingSystem.IsWindows())
            return; // NTFS journals names by itself, and has no flush of a folder
        var descriptor = OpenFolder(_folder, 0);
        if (descriptor < 0)
            throw FolderFailure("open");
        try
        {
            if (FlushDescriptor(descriptor) != 0)
                throw FolderFailure("flush");
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void CreateEmpty(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = DataFolder.OwnerOnlyFile,
        };
        new FileStream(path, options).Dispose();
    }

    private static SafeFileHandle Allocate(string path, long length)
    {
        try
        {
            // The handle's own way to make a file knows no mode: it is made with one first, and empty.
            if (!OperatingSystem.IsWindows())
                CreateEmpty(path);
            return File.OpenHandle(
                path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, length);
        }
        catch (IOException noRoom) when (noRoom.HResult == NoSystemCode || LogDiskFullException.IsMeantBy(noRoom))
        {
            // The framework takes the code away where it could not allocate, and lets the file go.
            throw new LogDiskFullException(noRoom.Message, noRoom);
        }
    }

    /// <summary>A folder that was there before may have been made by hand, or by a copy of a backup.</summary>
    [UnsupportedOSPlatform("windows")]
    private void MakeOwnerOnly()
    {
        SetMode(_folder, OwnerOnlyFolder);
        foreach (var path in Directory.EnumerateFiles(_folder))
            SetMode(path, DataFolder.OwnerOnlyFile);
    }

    [UnsupportedOSPlatform("windows")]
    private static void SetMode(string path, UnixFileMode mode)
    {
        if (File.GetUnixFileMode(path) != mode)
            File.SetUnixFileMode(path, mode);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private IOException FolderFailure(string what)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        var failure = new IOException($"Could not {what} the folder '{_folder}': {error.Message}.", error.NativeErrorCode);
        return LogDiskFullException.IsMeantBy(failure) ? new LogDiskFullException(failure.Message, failure) : failure;
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

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            try
            {
                RandomAccess.Write(handle, bytes, offset);
            }
            catch (IOException noRoom) when (LogDiskFullException.IsMeantBy(noRoom))
            {
                throw new LogDiskFullException(noRoom.Message, noRoom);
            }
        }

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

        public void SetLength(long length)
        {
            try
            {
                RandomAccess.SetLength(handle, length);
            }
            catch (IOException noRoom) when (LogDiskFullException.IsMeantBy(noRoom))
            {
                throw new LogDiskFullException(noRoom.Message, noRoom);
            }
        }

        public void Flush()
        {
            try
            {
                RandomAccess.FlushToDisk(handle);
            }
            catch (IOException noRoom) when (LogDiskFullException.IsMeantBy(noRoom))
            {
                throw new LogDiskFullException(noRoom.Message, noRoom);
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
