using System.Buffers;
using System.Security.Cryptography;
using VZaps.Gateway.Http;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>A body of wuzapi that was read: its event without the file, which is on the disk, and its signature. Dispose it; a file that was not kept goes then.</summary>
internal sealed class WuzBody : IDisposable
{
    public const string Header = "x-hmac-signature";

    private const int ReadSize = 64 * 1024;

    private readonly FileExtractor _extractor;
    private readonly MultipartFields? _multipart;

    private WuzBody(FileExtractor extractor, MultipartFields? multipart, byte[]? signature, string? userId) =>
        (_extractor, _multipart, Signature, UserId) = (extractor, multipart, signature, userId);

    /// <summary>The event's JSON, which refers to the files that came with it and to no others.</summary>
    public ReadOnlyMemory<byte> Json => OwnFiles.Only(_multipart?.WithFile(_extractor.Json) ?? _extractor.Json, Files);

    private IReadOnlyCollection<FileReference> Files => [.. new[] { _extractor.File, _multipart?.File }.OfType<FileReference>()];

    /// <summary>Whether the event's <c>base64</c> was none, or stood there twice.</summary>
    public bool HasBrokenFile => _extractor.HasNoFile;

    /// <summary>The signature that it should have; null where it was read without a key.</summary>
    public byte[]? Signature { get; }

    /// <summary>Wuzapi's user, where the form has it.</summary>
    public string? UserId { get; }

    /// <summary>Reads a body in whichever of the three forms it came.</summary>
    /// <param name="request">The request; its size limit is set.</param>
    /// <param name="hmacKey">What it has to be signed with; null for a sender that does not sign.</param>
    /// <param name="files">Where the file goes.</param>
    /// <param name="maxJsonBytes">What is taken beside the file.</param>
    /// <exception cref="ProblemException">413.</exception>
    public static async Task<WuzBody> ReadAsync(HttpRequest request, byte[]? hmacKey, IncomingFiles files, int maxJsonBytes)
    {
        var extractor = new FileExtractor(files, maxJsonBytes);
        MultipartFields? multipart = null;
        try
        {
            if (MultipartBoundary.Of(request) is { } boundary)
            {
                multipart = new MultipartFields(extractor, files, maxJsonBytes, isSigned: hmacKey is not null);
                await multipart.ReadAsync(request.Body, boundary);
                RequireRoom(extractor, maxJsonBytes);
                return new WuzBody(extractor, multipart, hmacKey is null ? null : HMACSHA256.HashData(hmacKey, multipart.SignedBytes()), multipart.UserId);
            }

            using var hash = hmacKey is null ? null : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, hmacKey);
            var form = await ReadAsync(request, extractor, hash);
            RequireRoom(extractor, maxJsonBytes);
            return new WuzBody(extractor, null, hash?.GetHashAndReset(), form?.UserId);
        }
        catch
        {
            multipart?.Dispose();
            extractor.Dispose();
            throw;
        }
    }

    /// <summary>What could not be read at all is kept with the file that came in it, too: so that stays as long.</summary>
    public SourceOutcome WithItsFile(SourceOutcome outcome) => outcome is Unmappable { Media: null } unread && Files.FirstOrDefault() is { Bytes: > 0 } file
        ? unread with { Media = new MediaDescription { Source = MediaSource.WuzApi, Content = file } }
        : outcome;

    /// <summary>Whether the header signs the body, in constant time.</summary>
    public bool IsSigned(string? header)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        return Signature is not null && HexSignature.TryRead(header, given) && CryptographicOperations.FixedTimeEquals(given, Signature);
    }

    /// <summary>Keeps the file: the body is genuine.</summary>
    public async Task KeepFilesAsync()
    {
        await _extractor.KeepFileAsync();
        await (_multipart?.KeepFileAsync() ?? Task.CompletedTask);
    }

    public void Dispose()
    {
        _multipart?.Dispose();
        _extractor.Dispose();
    }

    private static async Task<FormFields?> ReadAsync(HttpRequest request, FileExtractor extractor, IncrementalHash? hash)
    {
        var saysForm = request.ContentType?.Contains("x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;
        FormFields? form = null;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var isFirst = true;
            while (await request.Body.ReadAsync(buffer) is var read and > 0)
            {
                hash?.AppendData(buffer, 0, read);
                // Some tools call everything a form; an object is none.
                if (isFirst && saysForm && buffer[0] != '{')
                    form = new FormFields(extractor);
                isFirst = false;
                if (form is null)
                    extractor.Write(buffer.AsSpan(0, read));
                else
                    form.Write(buffer.AsSpan(0, read));
            }

            return form;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void RequireRoom(FileExtractor extractor, int maxJsonBytes)
    {
        if (extractor.IsTooLarge)
            throw SourceProblems.BodyTooLarge(maxJsonBytes, "Sources:WuzApiMaxJsonBytes, what is not a file").ToException();
    }
}
