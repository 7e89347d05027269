using System.Buffers;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using VZaps.Gateway.Http;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest;

/// <summary>A form with an event and its file, which goes to the disk as it comes. Dispose it: a file that was not kept goes then.</summary>
internal sealed class PublishForm(IncomingFiles files, long maxFileBytes) : IDisposable
{
    public const string EventPart = "event", FilePart = "file";

    private const int MaxParts = 16;

    private ArrayBufferWriter<byte>? _event;
    private IncomingFile? _file;

    /// <summary>The event's JSON.</summary>
    /// <exception cref="ProblemException">400: there is none.</exception>
    public ReadOnlyMemory<byte> Event =>
        (_event ?? throw PublishProblems.Missing(EventPart, "a part of that name with the JSON of one event", index: null)).WrittenMemory;

    /// <exception cref="ProblemException">400: there is none.</exception>
    public IncomingFile File => _file ?? throw PublishProblems.Missing(FilePart, "a part of that name with the file", index: null);

    /// <summary>As the part says; null where it does not.</summary>
    public string? FileName { get; private set; }

    /// <summary>As the part says; null where it does not.</summary>
    public string? MimeType { get; private set; }

    /// <summary>Reads all parts.</summary>
    /// <exception cref="ProblemException">400, 413 or 503.</exception>
    public async Task ReadAsync(Stream body, string boundary, CancellationToken cancellationToken)
    {
        try
        {
            var reader = new MultipartReader(boundary, body);
            for (var count = 0; await reader.ReadNextSectionAsync(cancellationToken) is { } section; count++)
            {
                if (count == MaxParts)
                    throw HttpProblems.InvalidBody($"The body has more than {MaxParts} parts.").ToException();
                await ReadAsync(section, cancellationToken);
            }
        }
        catch (Exception wrong) when (wrong is InvalidDataException || (wrong is IOException && wrong.Message.StartsWith("Unexpected end", StringComparison.Ordinal)))
        {
            throw HttpProblems.InvalidBody("The body is no well-formed multipart/form-data.").ToException();
        }
    }

    public void Dispose() => _file?.Dispose();

    private async Task ReadAsync(MultipartSection section, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            return;
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value;
        if (name == EventPart && _event is null)
        {
            var json = _event = new ArrayBufferWriter<byte>(4_096);
            await PartBytes.ReadAsync(section.Body, bytes => TakeEvent(json, bytes), cancellationToken);
        }
        else if (name == FilePart && _file is null)
        {
            var file = _file = files.Begin();
            FileName = FileNames.Given(disposition);
            MimeType = section.ContentType;
            await PartBytes.ReadAsync(section.Body, bytes => TakeFile(file, bytes), cancellationToken);
        }
        else if (name is EventPart or FilePart)
            throw PublishProblems.WrongForm(name, "it once; a request has one event and one file", index: null);
    }

    private static void TakeEvent(ArrayBufferWriter<byte> json, ReadOnlySpan<byte> bytes)
    {
        if (json.WrittenCount + bytes.Length > PublishLimits.MaxEnvelopeBytes)
            throw PublishProblems.EventTooLarge(json.WrittenCount + bytes.Length, index: null);
        json.Write(bytes);
    }

    private void TakeFile(IncomingFile file, ReadOnlySpan<byte> bytes)
    {
        if (file.Bytes + bytes.Length > maxFileBytes)
            throw MediaProblems.TooLarge(maxFileBytes).ToException();
        file.Write(bytes);
        if (file.IsLost)
            throw MediaProblems.DiskFull.ToException();
    }
}
