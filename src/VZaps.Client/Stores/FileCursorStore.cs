using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace VZaps;

/// <summary>Keeps each position in a file of its own, which is replaced as a whole: a crash leaves the old one or the new one.</summary>
/// <remarks>Thread-safe. One program at a time for a position: the last one that saves wins.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds nothing while nobody asks for its wait handle.")]
public sealed class FileCursorStore : ICursorStore
{
    private readonly string _folder;
    private readonly SemaphoreSlim _saving = new(1, 1);

    /// <summary>A store.</summary>
    /// <param name="folder">Where the files go; it is made when the first position is saved.</param>
    /// <exception cref="ArgumentException">The folder is null or empty.</exception>
    public FileCursorStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.GetFullPath(folder);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> LoadAsync(CursorKey key, CancellationToken cancellationToken)
    {
        var file = FileOf(key);
        if (!File.Exists(file))
            return null;
        var text = (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim();
        return text.Length > 0 ? text : null;
    }

    /// <inheritdoc/>
    public async ValueTask SaveAsync(CursorKey key, string eventId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        var file = FileOf(key);
        var next = file + ".next";
        await _saving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Directory.CreateDirectory(_folder);
            var stream = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(eventId + "\n"), cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true); // on the disk before its name is
            }

            File.Move(next, file, overwrite: true);
        }
        finally
        {
            _saving.Release();
        }
    }

    /// <summary>Names that no file system minds, whatever stands in an id.</summary>
    private string FileOf(CursorKey key) => Path.Combine(_folder, $"{Uri.EscapeDataString(key.InstanceId)}.{Uri.EscapeDataString(key.Consumer)}.cursor");
}
