using System.Runtime.CompilerServices;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>Files in the folder <c>files</c> of the data folder, each named by its hash. Thread-safe.</summary>
internal sealed class DiskMediaStore(DataFolder folder, TimeProvider time) : IMediaStore
{
    public const string Folder = "files";

    private readonly MadeOnce<DataFolder> _files = new(() => new DataFolder(folder.PathOf(Folder)));

    // Between the look at a file's time and its removal nobody keeps it anew.
    private readonly Lock _gate = new();

    public Task KeepAsync(IncomingFile file, CancellationToken cancellationToken)
    {
        var path = _files.Value.PathOf(file.Finish().Sha256);
        file.Flush();
        lock (_gate)
        {
            file.MoveTo(path);
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }

        // An event that refers to it may be durable a moment later, so its name has to be, too.
        FolderFlush.Run(_files.Value.Path);
        return Task.CompletedTask;
    }

    public ValueTask<bool> RenewAsync(string sha256, CancellationToken cancellationToken)
    {
        if (!FileReference.IsHash(sha256))
            return ValueTask.FromResult(false);
        lock (_gate)
        {
            var path = _files.Value.PathOf(sha256);
            if (!File.Exists(path))
                return ValueTask.FromResult(false);
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken)
    {
        if (!FileReference.IsHash(sha256))
            return ValueTask.FromResult<Stream?>(null);
        try
        {
            // Whoever copies it has a buffer of his own.
            return ValueTask.FromResult<Stream?>(new FileStream(_files.Value.PathOf(sha256), new FileStreamOptions
            {
                Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0,
                Options = FileOptions.Asynchronous,
            }));
        }
        catch (FileNotFoundException)
        {
            return ValueTask.FromResult<Stream?>(null);
        }
    }

    public ValueTask<bool> RemoveAsync(string sha256, DateTimeOffset keptBefore, CancellationToken cancellationToken)
    {
        if (!FileReference.IsHash(sha256))
            return ValueTask.FromResult(false);
        lock (_gate)
        {
            var file = new FileInfo(_files.Value.PathOf(sha256));
            if (!file.Exists || file.LastWriteTimeUtc >= keptBefore.UtcDateTime)
                return ValueTask.FromResult(false);
            file.Delete();
            return ValueTask.FromResult(true);
        }
    }

    public async IAsyncEnumerable<StoredFile> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in new DirectoryInfo(_files.Value.Path).EnumerateFiles())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (FileReference.IsHash(file.Name) && file.Exists)
                yield return new StoredFile(file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));
        }

        await Task.CompletedTask;
    }
}
