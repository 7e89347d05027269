using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest;

/// <summary>An event and its file in one request: the parts <c>event</c> and <c>file</c>, in either order. The file goes to the disk as it comes.</summary>
internal sealed class MultipartPublish(PublishedMedia media, IncomingFiles files, IOptions<MediaOptions> options, TimeProvider time) : IDisposable
{
    private const string EventPart = "event", FilePart = "file";
    private const int AroundParts = 64 * 1024, MaxParts = 16;

    private readonly SemaphoreSlim _turns = new(options.Value.UploadsAtOnce);

    public void Dispose() => _turns.Dispose();

    /// <summary>Reads it; the file is stored and registered when this returns.</summary>
    /// <exception cref="ProblemException">400, 413 or 503.</exception>
    public async Task<(List<EventDraft> Drafts, AttachedMedia?[] Attached, long FileBytes)> ReadAsync(HttpContext context, string boundary, InstanceId instance, string origin)
    {
        var maxBytes = options.Value.MaxFileBytes + PublishLimits.MaxEnvelopeBytes + AroundParts;
        if (context.Request.ContentLength > maxBytes)
            throw MediaProblems.TooLarge(options.Value.MaxFileBytes).ToException();
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = maxBytes;
        if (!await _turns.WaitAsync(options.Value.UploadTurnTimeout, context.RequestAborted))
            throw MediaProblems.TooManyUploads.ToException();
        try
        {
            using var parts = new Parts();
            await ReadAsync(context, boundary, parts);
            return await PublishedAsync(parts, instance, origin);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task ReadAsync(HttpContext context, string boundary, Parts parts)
    {
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body);
            for (var count = 0; await reader.ReadNextSectionAsync() is { } section; count++)
            {
                if (count == MaxParts)
                    throw HttpProblems.InvalidBody($"The body has more than {MaxParts} parts.").ToException();
                await ReadAsync(section, parts);
            }
        }
        catch (Exception wrong) when (wrong is InvalidDataException || (wrong is IOException && wrong.Message.StartsWith("Unexpected end", StringComparison.Ordinal)))
        {
            throw HttpProblems.InvalidBody("The body is no well-formed multipart/form-data.").ToException();
        }
    }

    private async Task<(List<EventDraft> Drafts, AttachedMedia?[] Attached, long FileBytes)> PublishedAsync(Parts parts, InstanceId instance, string origin)
    {
        if (parts.Event is not { } json)
            throw PublishProblems.Missing(EventPart, "a part of that name with the JSON of one event", index: null);
        if (parts.File is not { } file)
            throw PublishProblems.Missing(FilePart, "a part of that name with the file", index: null);
        var withUrl = new List<int>();
        var drafts = PublishRequestParser.ParseJson(json.WrittenSpan, instance, time.GetUtcNow(), withUrl);
        if (drafts.Count != 1)
            throw PublishProblems.WrongForm(EventPart, "one event; a request has one event and one file", index: null);
        if (withUrl.Count > 0)
            throw PublishProblems.WrongForm("data.media_source_url", "either it or the part file", index: null);
        if (!await file.KeepAsync())
            throw MediaProblems.DiskFull.ToException();
        var description = new MediaDescription { Source = MediaSource.Publish, Content = file.Finish(), MimeType = parts.MimeType, FileName = parts.FileName };
        return (drafts, await media.AttachAsync(instance, drafts, description, origin), file.Bytes);
    }

    private async Task ReadAsync(MultipartSection section, Parts parts)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            return;
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value;
        if (name == EventPart && parts.Event is null)
        {
            var json = parts.Event = new ArrayBufferWriter<byte>(4_096);
            await PartBytes.ReadAsync(section.Body, bytes =>
            {
                if (json.WrittenCount + bytes.Length > PublishLimits.MaxEnvelopeBytes)
                    throw PublishProblems.EventTooLarge(json.WrittenCount + bytes.Length, index: null);
                json.Write(bytes);
            });
        }
        else if (name == FilePart && parts.File is null)
        {
            var file = parts.File = files.Begin();
            parts.FileName = disposition.FileNameStar.Value ?? HeaderUtilities.RemoveQuotes(disposition.FileName).Value;
            parts.MimeType = section.ContentType;
            await PartBytes.ReadAsync(section.Body, bytes =>
            {
                if (file.Bytes + bytes.Length > options.Value.MaxFileBytes)
                    throw MediaProblems.TooLarge(options.Value.MaxFileBytes).ToException();
                file.Write(bytes);
                if (file.IsLost)
                    throw MediaProblems.DiskFull.ToException();
            });
        }
        else if (name is EventPart or FilePart)
            throw PublishProblems.WrongForm(name, "it once; a request has one event and one file", index: null);
    }

    private sealed class Parts : IDisposable
    {
        public ArrayBufferWriter<byte>? Event { get; set; }

        public IncomingFile? File { get; set; }

        public string? FileName { get; set; }

        public string? MimeType { get; set; }

        public void Dispose() => File?.Dispose();
    }
}
