using System.Security.Cryptography;
using System.Text;
using VZaps.Client.Media;

namespace VZaps;

/// <summary>An event's file: a picture, a voice note, a video, a document, a sticker.</summary>
/// <remarks>
/// <para>Thread-safe. What it says is what the event said; where it lies is asked when it is opened or downloaded.</para>
/// <para>The link is signed, so nothing of the account goes with a request for it, and what the program's own handlers add to requests goes to <see cref="VZapsClientOptions.BaseUrl"/> alone. Up to five
/// redirects are followed, never from https to http. A link that was refused is renewed at the client's own gateway, with the credentials of the subscription, or of the client that was given to the
/// webhook (<see cref="WebhookReceiverOptions.Client"/>): once, and again where it has been good since. Without either it is good for as long as the gateway made it, and then
/// <see cref="MediaProblem.LinkExpired"/> says so.</para>
/// </remarks>
public sealed class EventMedia
{
    private readonly MediaAccess _access;
    private readonly MediaLink _link;

    internal EventMedia(MediaAccess access, MediaLink link) => (_access, _link) = (access, link);

    /// <summary>Its id, <c>med_…</c>: up to 64 of <c>A-Za-z0-9_-</c>, empty where the server said none or another. Events that were published with a link of their own may have the same.</summary>
    public string Id { get; internal init; } = "";

    /// <summary>
    /// A name for the file on a disk, the same each time that its event comes and another for each event: its event's id, and where that is no name, <c>file_</c> and 32 hex digits. 5 to 64 of
    /// <c>A-Za-z0-9_-</c>, without an extension: it leads out of no folder.
    /// </summary>
    // The file's own id comes in where there is no event alone: whoever publishes one can give it the id of another's.
    public string SafeName => EventId.Length > 0 ? NameOf(EventId) ?? MadeOf(EventId) : NameOf(Id) ?? MadeOf(Url.AbsolutePath);

    /// <summary>Its type as the sender said; <c>application/octet-stream</c> where nobody said.</summary>
    public string MimeType { get; internal init; } = "application/octet-stream";

    /// <summary>Its name as the sender said. Somebody else's word: do not make a path of it without a look. Null where there is none.</summary>
    public string? FileName { get; internal init; }

    /// <summary>How many bytes it has; null while that is unknown.</summary>
    public long? Size { get; internal init; }

    /// <summary>Its SHA-256 in 64 lower-case hex digits; null where the gateway had not the file yet.</summary>
    public string? Sha256 { get; internal init; }

    /// <summary>How it stood when the event was written. It does not change; a file that was pending may be there by now.</summary>
    public MediaStatus Status { get; internal init; }

    /// <summary>The link, renewed where it had to be. Whoever has it has the file, until it expires: keep it out of logs.</summary>
    public Uri Url => _link.Url;

    /// <summary>Of the event that it came with; empty where it came otherwise.</summary>
    internal string EventId { get; init; } = "";

    /// <summary>What the bytes are checked against; null where the file may be another than the event says, as long as it is being fetched.</summary>
    internal long? SizeToCheck => Status == MediaStatus.Stored ? Size : null;

    /// <summary>Opens the file. A pending one is waited for, up to <see cref="VZapsClientOptions.MediaPendingTimeout"/>.</summary>
    /// <param name="cancellationToken">Ends the wait for the file; reading takes tokens of its own.</param>
    /// <returns>
    /// Its bytes, once and forwards. A connection that breaks is made again where it broke. The read that would say that this is the end throws a
    /// <see cref="VZapsMediaException"/> where length or hash are not as was said: what was read before is to be believed only after the end. One thread reads at a time, with <c>ReadAsync</c>;
    /// reading that blocks is a <see cref="NotSupportedException"/>.
    /// </returns>
    /// <exception cref="VZapsMediaException">The file cannot be had; <see cref="VZapsMediaException.Problem"/> says why.</exception>
    /// <exception cref="VZapsTimeoutException">The server sent nothing for <see cref="VZapsClientOptions.MediaStallTimeout"/>.</exception>
    /// <exception cref="VZapsException">The server was not reached, or refused for another reason; the type says why.</exception>
    /// <exception cref="ObjectDisposedException">The client that received the event was disposed.</exception>
    public async Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
    {
        var stream = new MediaStream(this, _access, _link, from: 0, new MediaTally());
        try
        {
            await stream.OpenAsync(cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Downloads the file to a path. What is there under this name is whole: it is written beside it, as <c>{path}.part</c>, and gets its name at the end.</summary>
    /// <param name="path">Where to; a file that is there is replaced. Its folder must exist. <see cref="SafeName"/> is a name that can be trusted.</param>
    /// <param name="progress">Hears of each piece, and in the end of the whole. It can go back, where what was there turns out to be of another file and is fetched anew. Null for nobody.</param>
    /// <param name="cancellationToken">Breaks it off; what came so far stays for the next call.</param>
    /// <remarks>
    /// A connection that breaks is made again where it broke (<see cref="VZapsClientOptions.MaxMediaResumes"/>). A part that an earlier call left is gone on with, where a hash tells
    /// in the end that the whole is right, and fetched anew where it does not. A pending file is waited for, up to <see cref="VZapsClientOptions.MediaPendingTimeout"/>.
    /// One call at a time for one path.
    /// </remarks>
    /// <exception cref="ArgumentException">There is no path, or it is one of a folder.</exception>
    /// <exception cref="IOException">The part cannot be written, or another call writes it.</exception>
    /// <exception cref="UnauthorizedAccessException">The part or the file may not be written.</exception>
    /// <exception cref="VZapsMediaException">The file cannot be had, or is not what the event said; <see cref="VZapsMediaException.Problem"/> says why.</exception>
    /// <exception cref="VZapsTimeoutException">The server sent nothing for <see cref="VZapsClientOptions.MediaStallTimeout"/>.</exception>
    /// <exception cref="VZapsException">The server was not reached, or refused for another reason; the type says why.</exception>
    /// <exception cref="ObjectDisposedException">The client that received the event was disposed.</exception>
    public Task DownloadAsync(string path, IProgress<MediaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            throw new ArgumentException($"'{path}' is a folder; give the path of a file in it, such as its SafeName.", nameof(path));
        // One count over all streams that it takes.
        var resumes = new MediaResumes(_access.MaxResumes);
        return new MediaDownload(from => new MediaStream(this, _access, _link, from) { Resumes = resumes }, Path.GetFullPath(path), progress).RunAsync(cancellationToken);
    }

    /// <summary>Type and id; never the link.</summary>
    public override string ToString() => $"{MimeType} {Id}";

    // Shorter ones may be devices, such as CON and COM1.
    private static string? NameOf(string id) => id.Length > 4 && EventMediaReader.IsName(id) ? id : null;

    private static string MadeOf(string text) => "file_" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32].ToLowerInvariant();
}
