using System.Net.Http.Headers;
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
    private readonly MediaRequests _requests = new(access, link);
    private readonly MediaResumes _resumes = new(access.MaxResumes);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private MediaBody? _body;
    private EntityTagHeaderValue? _etag = media.Sha256 is { } known ? new EntityTagHeaderValue($"\"{known}\"") : null;
    private bool _hasOpened;
    private string? _sha256 = media.Sha256;
    private long? _total = media.SizeToCheck;
    private long _position = from;

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
    private bool IsAllThere => _position == _total && (_hasOpened || _sha256 is not null);

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
                if (_body is null && !IsAllThere)
                    await ConnectAsync(cancellationToken).ConfigureAwait(false);
                return await step(this, (buffer, cancellationToken)).ConfigureAwait(false);
            }
            catch (MediaInterruptedException broken)
            {
                await DropAsync().ConfigureAwait(false);
                if (_resumes.Next(broken.RetryAfter) is not { } wait)
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
        _body = await _requests.OpenAsync(_position, _etag, cancellationToken).ConfigureAwait(false);
        if (!_hasOpened)
            _sha256 ??= EventMediaReader.AsSha256(_body.ETag is { IsWeak: false } tag ? tag.Tag.Trim('"') : null);
        if (_position > 0 && !GoesOn(_body))
            throw new VZapsMediaException(MediaProblem.Changed, $"{MediaErrors.NameOf(link.Url)} does not go on at byte {_position}, where it broke.");
        if (_total is { } said && _body.Total is { } total && said != total)
            throw WrongLength(said, total);
        _total ??= _body.Total;
        _etag = _body.ETag;
        _hasOpened = true;
    }

    /// <summary>Whether it is the rest of what is there: of what an earlier program left, only a hash can tell; of what came just now, the tag too.</summary>
    private bool GoesOn(MediaBody body) =>
        body.From == _position && (!_hasOpened || Equals(body.ETag, _etag)) && (_sha256 is not null || (_hasOpened && body.ETag is { IsWeak: false }));

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
        _resumes.Progress();
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
