using System.Security.Cryptography;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>Files on their way in, in the folder <c>files/incoming</c> of the data folder. Thread-safe.</summary>
internal sealed class IncomingFiles
{
    private const string Folder = "incoming";

    private readonly Lazy<DataFolder> _folder;
    private readonly IMediaStore _store;

    public IncomingFiles(DataFolder folder, IMediaStore store)
    {
        _store = store;
        _folder = new Lazy<DataFolder>(() => Empty(new DataFolder(Path.Combine(folder.PathOf(DiskMediaStore.Folder), Folder))));
    }

    /// <summary>Begins a file; it is gone unless it is kept.</summary>
    public IncomingFile Begin() => new(_folder.Value, Guid.NewGuid().ToString("N"), _store);

    // What a crash left unfinished is nobody's.
    private static DataFolder Empty(DataFolder folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder.Path))
            File.Delete(path);
        return folder;
    }
}

/// <summary>A file on its way in, hashed while it is written. One writer. The disk's failure is noted and not thrown: what came with the file goes on without it.</summary>
internal sealed class IncomingFile : IDisposable
{
    /// <summary>Bytes at the beginning that are held in memory, to tell what it is.</summary>
    public const int HeadBytes = 512;

    private readonly string _path;
    private readonly IMediaStore _store;
    private readonly FileStream? _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _head = new byte[HeadBytes];
    private FileReference? _reference;

    public IncomingFile(DataFolder folder, string name, IMediaStore store)
    {
        (_path, _store) = (folder.PathOf(name), store);
        try
        {
            _file = folder.OpenFile(name, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }
        catch (IOException)
        {
            IsLost = true;
        }
    }

    public long Bytes { get; private set; }

    /// <summary>Whether the disk did not take all of it: it cannot be kept.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Its beginning.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, (int)Math.Min(Bytes, HeadBytes));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        if (Bytes < HeadBytes)
            bytes[..(int)Math.Min(bytes.Length, HeadBytes - Bytes)].CopyTo(_head.AsSpan((int)Bytes));
        Bytes += bytes.Length;
        if (IsLost)
            return;
        try
        {
            _file!.Write(bytes);
        }
        catch (IOException)
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
        catch (IOException)
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
    public void MoveTo(string path) => File.Move(_path, path, overwrite: true);

    /// <summary>For a store elsewhere: its bytes from the beginning.</summary>
    public Stream OpenRead()
    {
        _file!.Dispose();
        return File.OpenRead(_path);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _hash.Dispose();
        File.Delete(_path);
    }

    /// <summary>Gives back the room that it took: somebody needs it.</summary>
    private void Lose()
    {
        IsLost = true;
        _file!.Dispose();
        File.Delete(_path);
    }
}
