using System.Security.Cryptography;
using VZaps.Gateway.Http;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Files that came within events, in the folder <c>files</c> of the data folder, each named by its hash: the same file is kept once. Thread-safe.</summary>
internal sealed class IncomingFiles(DataFolder folder)
{
    private const string Folder = "files", Unfinished = ".part";

    private readonly Lazy<DataFolder> _files = new(() => new DataFolder(folder.PathOf(Folder)));

    /// <summary>Begins a file; it is gone unless it is kept.</summary>
    public IncomingFile Begin() => new(_files.Value, Guid.NewGuid().ToString("N") + Unfinished);

    /// <summary>The path of a file that was kept.</summary>
    public string PathOf(string sha256) => _files.Value.PathOf(sha256);

    /// <summary>Removes the oldest files until no more than so many bytes are left, and all that are older than that; those that a crash left unfinished, too.</summary>
    /// <returns>How many went.</returns>
    public int Trim(long maxBytes, DateTime oldestUtc)
    {
        var (left, gone) = (0L, 0);
        foreach (var file in new DirectoryInfo(_files.Value.Path).EnumerateFiles().OrderByDescending(file => file.LastWriteTimeUtc).ToList())
        {
            left += file.Length;
            if (left <= maxBytes && file.LastWriteTimeUtc >= oldestUtc)
                continue;
            file.Delete();
            gone++;
        }

        return gone;
    }
}

/// <summary>A file on its way in, hashed while it is written. One writer.</summary>
internal sealed class IncomingFile : IDisposable
{
    private readonly DataFolder _folder;
    private readonly string _name;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private FileReference? _reference;
    private bool _isKept;

    public IncomingFile(DataFolder folder, string name)
    {
        (_folder, _name) = (folder, name);
        _file = folder.OpenFile(name, FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    public long Bytes { get; private set; }

    /// <exception cref="ProblemException">503: the disk does not take it.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        OnDisk(bytes, static (file, bytes) => file.Write(bytes));
        Bytes += bytes.Length;
    }

    /// <summary>Ends it; the reference by which it will be found once it is kept.</summary>
    public FileReference Finish() => _reference ??= new FileReference(Convert.ToHexStringLower(_hash.GetHashAndReset()), Bytes);

    /// <summary>Keeps it: on the disk under its hash when this returns.</summary>
    public void Keep()
    {
        var reference = Finish();
        OnDisk([], static (file, _) => file.Flush(flushToDisk: true));
        _file.Dispose();
        File.Move(_folder.PathOf(_name), _folder.PathOf(reference.Sha256), overwrite: true);
        _isKept = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        if (!_isKept)
            File.Delete(_folder.PathOf(_name));
    }

    private void OnDisk(ReadOnlySpan<byte> bytes, DiskAction act)
    {
        try
        {
            act(_file, bytes);
        }
        catch (IOException)
        {
            throw HttpProblems.StorageFull.ToException();
        }
    }

    private delegate void DiskAction(FileStream file, ReadOnlySpan<byte> bytes);
}
