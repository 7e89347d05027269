using System.Security.Cryptography;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Media;

/// <summary>A file's bytes, over as many connections as it takes, checked at the end.</summary>
/// <param name="media">What it should be.</param>
/// <param name="access">How it is had.</param>
/// <param name="link">Where.</param>
/// <param name="from">The place to begin at; what is before was given to <see cref="Skipped"/>.</param>
/// <param name="tally">Hears how it ended; null where it is a part of something that tells it.</param>
internal sealed class MediaStream(EventMedia media, MediaAccess access, MediaLink link, long from, MediaTally? tally = null) : Stream
{
    private readonly MediaRequests _requests = new(access, link, media.Status == MediaStatus.Pending);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private MediaBody? _body;
    private MediaValidator? _seen;
    private VZapsException? _lastBreak;
    private bool _isDisposed;
    private string? _sha256 = media.Sha256;
    private long? _total = media.SizeToCheck;
    private long _position = from;

    /// <summary>How often it may be asked for again.</summary>
    public MediaResumes Resumes { get; init; } = new(access.MaxResumes);

    /// <summary>Whether its bytes are of more than one answer, so that what is wrong with them may be that they do not belong together.</summary>
    public bool IsPieced { get; private set; } = from > 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>How many bytes the file has; null while nobody said.</summary>
    public long? TotalBytes => _total;

    /// <summary>Whether there is no range left to ask for: it broke behind the last byte, or an earlier program had it all, which only a hash can tell.</summary>
    private bool IsAllThere => _position == _total && (_seen is not null || _sha256 is not null);

    /// <summary>Whether anything can tell that an answer goes on with what is there: of what an earlier program left, the hash alone, which a gateway's tag may be.</summary>
    private bool MayGoOn => _sha256 is not null || (_seen?.IsStrong ?? IsOfGateway);

    /// <summary>Whether the event knows its hash and its tag is another thing: copies of it on several servers may have several tags, and are the same.</summary>
    private bool HasItsOwnHash => media.Sha256 is not null && !IsOfGateway;

    /// <summary>Whether its tag is its hash. Elsewhere a tag of 64 hex digits may be anything.</summary>
    private bool IsOfGateway => media.Id.StartsWith("med_", StringComparison.Ordinal);

    /// <summary>What is before the place to begin at: it belongs to the hash.</summary>
    public void Skipped(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Connects, so that what is wrong with the file is known before the first read.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken) => await PersistAsync(static (_, _) => new ValueTask<int>(0), Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => buffer.IsEmpty
        ? new ValueTask<int>(0)
        : PersistAsync(static async (stream, call) => await stream.ReadOnceAsync(call.Buffer, call.Cancel).ConfigureAwait(false), buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // A thread that waits for a network is lost to everybody else.
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A file is read with ReadAsync or CopyToAsync; for a decoder that cannot, download it, or copy it to a MemoryStream.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await DropAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _isDisposed = true;
            // Closing a connection does not wait.
            _ = DropAsync().AsTask();
            _hash.Dispose();
            tally?.Left();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> PersistAsync(
        Func<MediaStream, (Memory<byte> Buffer, CancellationToken Cancel), ValueTask<int>> step, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await RepeatAsync(step, buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            tally?.Failed(failure);
            throw;
        }
    }

    /// <summary>A step on an open connection, which is made again as often as it may be.</summary>
    private async ValueTask<int> RepeatAsync(
        Func<MediaStream, (Memory<byte> Buffer, CancellationToken Cancel), ValueTask<int>> step, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_body is null && !IsAllThere)
                    await ConnectAsync(cancellationToken).ConfigureAwait(false);
                return await step(this, (buffer, cancellationToken)).ConfigureAwait(false);
            }
            catch (MediaInterruptedException broken)
            {
                await DropAsync().ConfigureAwait(false);
                _lastBreak = broken.Meaning;
                if (Resumes.Next(broken.RetryAfter) is not { } wait)
                    throw broken.Meaning;
                await Task.Delay(wait, access.Time, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                // A read that was cancelled may have taken bytes along.
                await DropAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_position > 0 && !MayGoOn)
            throw Changed();
        var condition = HasItsOwnHash ? null : _seen?.IfRange;
        _body = await _requests.OpenAsync(_position, condition, cancellationToken).ConfigureAwait(false);
        if (!_body.IsBehindEnd)
        {
            Take(_body, _position);
            return;
        }

        // What is there may be the whole file. Its last byte tells of which.
        var total = _body.Total;
        await DropAsync().ConfigureAwait(false);
        if (total != _position)
            throw Changed();
        _body = await _requests.OpenAsync(_position - 1, condition, cancellationToken).ConfigureAwait(false);
        if (_body.Total is { } length && length != _position)
            throw Changed();
        Take(_body, _position - 1);
        _total = _position;
        await DropAsync().ConfigureAwait(false);
    }

    /// <summary>Goes on with an answer.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="place">Where it should begin.</param>
    private void Take(MediaBody body, long place)
    {
        if (_seen is null && IsOfGateway)
            _sha256 ??= EventMediaReader.AsSha256(body.ETag is { IsWeak: false } tag ? tag.Tag.Trim('"') : null);
        if (_position > 0 && (body.From != place || !IsSame(body)))
            throw Changed();
        if (_total is { } said && body.Total is { } total && said != total)
            throw WrongLength(said, total);
        _total ??= body.Total;
        _seen ??= new MediaValidator(body);
        IsPieced |= _position > 0;
    }

    /// <summary>Whether it is of the same file as what is there. With a hash, that decides in the end.</summary>
    private bool IsSame(MediaBody body) => _sha256 is not null || (_seen is not null && _seen.IsOf(body));

    private VZapsMediaException Changed() => new(
        MediaProblem.Changed, $"{MediaErrors.NameOf(link.Url)} does not go on at byte {_position}, or nothing tells whether it does.{(_lastBreak is null ? "" : $" It broke there: {_lastBreak.Message}")}", _lastBreak);

    private async ValueTask<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = _body is null ? 0 : await _body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            CheckEnd();
            tally?.Completed();
            return 0;
        }

        ClientTelemetry.MediaBytes.Add(read);
        if (_position + read > _total)
            throw WrongLength(_total.Value, _position + read);
        _hash.AppendData(buffer.Span[..read]);
        _position += read;
        Resumes.Progress(_position);
        return read;
    }

    private void CheckEnd()
    {
        if (_position < _total)
            throw new MediaInterruptedException(new VZapsException($"{MediaErrors.NameOf(link.Url)} ended after {_position} of {_total} bytes."));
        if (_sha256 is null)
            return;
        var sha256 = Convert.ToHexString(_hash.GetCurrentHash()).ToLowerInvariant();
        if (sha256 != _sha256)
            throw new VZapsMediaException(MediaProblem.WrongHash, $"{MediaErrors.NameOf(link.Url)}: the file has the SHA-256 {sha256}, and {_sha256} was said.");
    }

    private VZapsMediaException WrongLength(long said, long found) =>
        new(MediaProblem.WrongLength, $"{MediaErrors.NameOf(link.Url)}: the file has {found} bytes or more, and {said} were said.");

    private async ValueTask DropAsync()
    {
        var body = Interlocked.Exchange(ref _body, null);
        if (body is not null)
            await body.DisposeAsync().ConfigureAwait(false);
    }
}
