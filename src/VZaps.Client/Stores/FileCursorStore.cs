using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace VZaps;

/// <summary>Keeps each position in a file of its own, which is replaced as a whole: a crash leaves the old one or the new one.</summary>
/// <remarks>
/// Thread-safe. One subscription at a time for a position, which is that of an instance and a consumer: of two, the last one that saves wins. Two that read the same instance as <c>ephemeral</c>
/// with different filters need a folder each.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds nothing while nobody asks for its wait handle.")]
public sealed class FileCursorStore : ICursorStore
{
    private const int HashBytes = 16;
    private const int MaxPlain = 40;

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

    /// <summary>
    /// A name for people, as far as any file system takes it, and a hash that makes it that key's alone: also where the disk ignores case, where a name is too long, and where a dot
    /// stands in one of the two.
    /// </summary>
    private string FileOf(CursorKey key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{key.InstanceId}\0{key.Consumer}"));
        return Path.Combine(_folder, $"vzaps-{Plain(key.InstanceId)}-{Plain(key.Consumer)}-{Convert.ToHexString(hash, 0, HashBytes)}.cursor");
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit).Take(MaxPlain));
}
