using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>The parts of a multipart body, as old versions of wuzapi send media: the file goes to the disk, and stands in the event as if it had been within it.</summary>
internal sealed class MultipartFields(FileExtractor extractor, IncomingFiles files, int maxJsonBytes, bool isSigned) : IDisposable
{
    private const int MaxShortBytes = 8 * 1024, MaxFields = 16;
    private const string EventField = "jsonData", UserField = "userID";

    // All text fields as they came: what is signed. Without a key only the user is of interest, and no token is held.
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private IncomingFile? _file;
    private string? _fileName, _mimeType;
    private bool _hasEvent;

    public string? UserId => _fields.GetValueOrDefault(UserField);

    /// <exception cref="Http.ProblemException">400 or 413.</exception>
    public async Task ReadAsync(Stream body, string boundary)
    {
        var reader = new MultipartReader(boundary, body);
        try
        {
            while (await reader.ReadNextSectionAsync() is { } section)
                await ReadAsync(section);
        }
        catch (Exception wrong) when (wrong is InvalidDataException || (wrong is IOException && wrong.Message.StartsWith("Unexpected end", StringComparison.Ordinal)))
        {
            throw Http.HttpProblems.InvalidBody("The body is no well-formed multipart/form-data.").ToException();
        }
    }

    /// <summary>What wuzapi signs in place of the body.</summary>
    public byte[] SignedBytes() => GoJson.Write(_fields);

    /// <summary>The event with the reference of the file in it.</summary>
    public ReadOnlyMemory<byte> WithFile(ReadOnlyMemory<byte> json)
    {
        if (_file is null || !json.Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            return json;
        // Before all else, so that what the event says of itself wins.
        var members = json.Span.TrimStart(" \t\r\n"u8)[1..];
        var isEmpty = members.TrimStart(" \t\r\n"u8).StartsWith("}"u8);
        var file = $$"""{"base64":"{{_file.Finish()}}","mimeType":{{Text(_mimeType)}},"fileName":{{Text(_fileName)}}{{(isEmpty ? "" : ",")}}""";
        return (byte[])[.. Encoding.UTF8.GetBytes(file), .. members];
    }

    /// <summary>The file; null for none.</summary>
    public FileReference? File => _file?.Finish();

    public Task KeepFileAsync() => _file?.KeepAsync() ?? Task.CompletedTask;

    public void Dispose() => _file?.Dispose();

    private static string Text(string? text) => text is null ? "null" : $"\"{JsonEncodedText.Encode(text)}\"";

    private async Task ReadAsync(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            return;
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
        if (disposition.FileName.HasValue || disposition.FileNameStar.HasValue)
        {
            _file?.Dispose();
            _file = files.Begin();
            _fileName = FileNames.Given(disposition);
            _mimeType = section.ContentType;
            await PartBytes.ReadAsync(section.Body, bytes => _file.Write(bytes));
            return;
        }

        if (_fields.Count == MaxFields)
            throw Http.HttpProblems.InvalidBody($"The body has more than {MaxFields} fields.").ToException();
        var isEvent = name == EventField;
        // Only one of them is signed.
        if (_fields.ContainsKey(name) || (isEvent && _hasEvent))
            throw Http.HttpProblems.InvalidBody("The body has a field twice.").ToException();
        _hasEvent |= isEvent;
        var keepsText = isSigned || name == UserField;
        var most = isEvent ? maxJsonBytes : MaxShortBytes;
        var text = new ArrayBufferWriter<byte>();
        await PartBytes.ReadAsync(section.Body, bytes =>
        {
            if (isEvent)
                extractor.Write(bytes);
            if (!keepsText)
                return;
            if (text.WrittenCount + bytes.Length > most)
                throw SourceProblems.BodyTooLarge(most, isEvent ? "Sources:WuzApiMaxJsonBytes" : $"the field {(name.Length <= 64 ? name : name[..64])}").ToException();
            text.Write(bytes);
        });
        if (keepsText)
            _fields[name] = Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
