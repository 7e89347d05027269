using System.Security.Cryptography;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>Files on their way in, in the folder <c>files/incoming</c> of the data folder. Thread-safe.</summary>
internal sealed class IncomingFiles
{
    private const string Folder = "incoming";

    private readonly MadeOnce<DataFolder> _folder;
    private readonly IMediaStore _store;
    private readonly FreeSpace _space;

    public IncomingFiles(DataFolder folder, IMediaStore store, FreeSpace space)
    {
        (_store, _space) = (store, space);
        _folder = new MadeOnce<DataFolder>(() => Empty(new DataFolder(Path.Combine(folder.PathOf(DiskMediaStore.Folder), Folder))));
    }

    /// <summary>Removes what a crash left, once, whatever the room.</summary>
    /// <exception cref="IOException">The disk does not take it; as all that <see cref="IncomingFile.IsOfDisk"/> tells. The first file to come tries again.</exception>
    public void Open() => _ = _folder.Value;

    /// <summary>Begins a file; it is gone unless it is kept. It is lost from the beginning where the disk does not take it, or has no room to spare.</summary>
    public IncomingFile Begin()
    {
        if (!_space.HasRoom)
            return new IncomingFile(null, _store, _space);
        try
        {
            return new IncomingFile(_folder.Value, _store, _space);
        }
        catch (Exception failed) when (IncomingFile.IsOfDisk(failed))
        {
            return new IncomingFile(null, _store, _space);
        }
    }

    // What a crash left unfinished is nobody's; earlier versions had it beside the files that are kept.
    private static DataFolder Empty(DataFolder folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder.Path).Concat(Directory.EnumerateFiles(Path.GetDirectoryName(folder.Path)!, "*.part")))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception failed) when (IncomingFile.IsOfDisk(failed))
            {
                // It takes its room; no other file is lost for it, as each has a name of its own.
            }
        }

        return folder;
    }
}

/// <summary>A file on its way in, hashed while it is written. One writer. The disk's failure is noted and not thrown: what came with the file goes on without it.</summary>
internal sealed class IncomingFile : IDisposable
{
    /// <summary>Bytes at the beginning that are held in memory, to tell what it is.</summary>
    public const int HeadBytes = 512;

    private const long BytesBetweenLooks = 16L << 20;

    private readonly string? _path;
    private readonly IMediaStore _store;
    private readonly FreeSpace _space;
    private readonly FileStream? _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _head = new byte[HeadBytes];
    private FileReference? _reference;

    /// <param name="folder">Where it goes; null for one that is lost, of which the hash is still told.</param>
    /// <param name="store">Where it is kept.</param>
    /// <param name="space">Whether the disk has room to spare, asked again while it comes.</param>
    /// <exception cref="IOException">The disk does not take it; as all that <see cref="IsOfDisk"/> tells.</exception>
    public IncomingFile(DataFolder? folder, IMediaStore store, FreeSpace space)
    {
        (_store, _space, IsLost) = (store, space, folder is null);
        if (folder is null)
            return;
        var name = Guid.NewGuid().ToString("N");
        _path = folder.PathOf(name);
        _file = folder.OpenFile(name, FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    public long Bytes { get; private set; }

    /// <summary>Whether the disk did not take all of it: it cannot be kept.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Its beginning.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, (int)Math.Min(Bytes, HeadBytes));

    /// <summary>Whether it is the disk, or somebody's rights on it, that failed.</summary>
    public static bool IsOfDisk(Exception failed) => failed is IOException or UnauthorizedAccessException;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        var before = Bytes;
        _hash.AppendData(bytes);
        if (Bytes < HeadBytes)
            bytes[..(int)Math.Min(bytes.Length, HeadBytes - Bytes)].CopyTo(_head.AsSpan((int)Bytes));
        Bytes += bytes.Length;
        if (IsLost)
            return;
        if (before / BytesBetweenLooks != Bytes / BytesBetweenLooks && !_space.HasRoom)
        {
            Lose();
            return;
        }

        try
        {
            _file!.Write(bytes);
        }
        catch (Exception failed) when (IsOfDisk(failed))
        {
            Lose();
        }
    }

    /// <summary>Ends it; the reference by which it will be found once it is kept.</summary>
    public FileReference Finish() => _reference ??= new FileReference(Convert.ToHexStringLower(_hash.GetHashAndReset()), Bytes);

    /// <summary>Keeps it in the store, durable when this returns; whether it could be kept.</summary>
    public async Task<bool> KeepAsync(CancellationToken cancellationToken = default)
    {
        Finish();
        try
        {
            if (!IsLost)
                await _store.KeepAsync(this, cancellationToken);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Lose();
        }

        return !IsLost;
    }

    /// <summary>For a store on the same disk: its bytes are on it when this returns.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Flush()
    {
        _file!.Flush(flushToDisk: true);
        _file.Dispose();
    }

    /// <summary>For a store on the same disk: moves it there, once it is flushed.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void MoveTo(string path) => File.Move(_path!, path, overwrite: true);

    /// <summary>For a store elsewhere: its bytes from the beginning.</summary>
    public Stream OpenRead()
    {
        _file!.Dispose();
        return File.OpenRead(_path!);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _hash.Dispose();
        Delete();
    }

    /// <summary>Gives back the room that it took: somebody needs it.</summary>
    private void Lose()
    {
        IsLost = true;
        _file!.Dispose();
        Delete();
    }

    private void Delete()
    {
        try
        {
            if (_path is not null)
                File.Delete(_path);
        }
        catch (Exception failed) when (IsOfDisk(failed))
        {
            // It goes at the next start.
        }
    }
}
