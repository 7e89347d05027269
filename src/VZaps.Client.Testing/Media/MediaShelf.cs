using System.Globalization;
using System.Security.Cryptography;

namespace VZaps.Client.Testing.Media;

/// <summary>The files of the fake gateway and their links. Thread-safe.</summary>
internal sealed class MediaShelf(Uri origin, string instanceId, TimeProvider time)
{
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(7);

    private readonly Lock _gate = new();
    private readonly List<ShelvedFile> _files = [];
    private readonly Dictionary<string, (ShelvedFile File, long Expires)> _links = new(StringComparer.Ordinal);

    public ShelvedFile Add(byte[] content, string mimeType, string? fileName, string source, bool isPending)
    {
        var file = new ShelvedFile([.. content], mimeType, fileName, source, time.GetUtcNow()) { State = isPending ? ShelfState.Pending : ShelfState.Stored };
        lock (_gate)
            _files.Add(file);
        return file;
    }

    /// <summary>Takes a file out again, as if it had never been there.</summary>
    public void Remove(ShelvedFile file) => Read(() => _files.Remove(file));

    /// <summary>Makes a file pending once more, and due now.</summary>
    public void FetchAgain(ShelvedFile file) => Change(file, file => (file.State, file.DueAt) = (ShelfState.Pending, time.GetUtcNow()));

    /// <summary>The files, the newest first.</summary>
    public IReadOnlyList<ShelvedFile> All => Read(() => Enumerable.Reverse(_files).ToArray());

    /// <summary>The file; null where there is none of this id.</summary>
    public ShelvedFile? Find(string? id) => Read(() => _files.FirstOrDefault(file => file.Id == id));

    public T Read<T>(Func<T> look)
    {
        lock (_gate)
            return look();
    }

    /// <summary>Changes a file, and wakes who waits for it.</summary>
    public void Change(ShelvedFile file, Action<ShelvedFile> change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change(file);
            changed = file.Changed;
            file.Changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <summary>Waits while a file is pending, for at most so long.</summary>
    public async Task WhilePendingAsync(ShelvedFile file, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task? late = null;
        try
        {
            while (true)
            {
                var (isPending, changed) = Read(() => (file.State == ShelfState.Pending, file.Changed.Task));
                if (!isPending)
                    return;
                // Only now: most files are there, and a timer for each would stay.
                late ??= Task.Delay(longest, time, waiting.Token);
                if (await Task.WhenAny(changed, late).ConfigureAwait(false) == late)
                {
                    await late.ConfigureAwait(false);
                    return;
                }
            }
        }
        finally
        {
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    public Uri NewLink(ShelvedFile file)
    {
        var signature = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var expires = (time.GetUtcNow() + LinkLifetime).ToUnixTimeSeconds();
        lock (_gate)
            _links.Add(signature, (file, expires));
        return new Uri(origin, string.Create(CultureInfo.InvariantCulture, $"/media/{file.Id}?instance_id={instanceId}&expires={expires}&signature={signature}"));
    }

    public void ExpireLinks(ShelvedFile file)
    {
        lock (_gate)
        {
            foreach (var (signature, link) in _links.Where(link => link.Value.File == file).ToArray())
                _links[signature] = link with { Expires = 0 };
        }
    }

    /// <summary>What is wrong with a link to a file, as the code of an error; null where nothing is.</summary>
    public string? MistakeIn(Wire.RequestQuery query, string id) => Read(() =>
    {
        if (query["signature"] is not { } signature || !_links.TryGetValue(signature, out var link) || link.File.Id != id || query["instance_id"] != instanceId)
            return "media_link_invalid";
        // Where a test has it expire, its query still says another time.
        return time.GetUtcNow().ToUnixTimeSeconds() < link.Expires ? null : "media_link_expired";
    });
}
