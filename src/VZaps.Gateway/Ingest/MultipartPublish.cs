using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest;

/// <summary>An event and its file in one request: the parts <c>event</c> and <c>file</c>, in either order.</summary>
internal sealed class MultipartPublish(PublishedMedia media, IncomingFiles files, PublishRate rate, IOptions<MediaOptions> options, TimeProvider time)
{
    private const int AroundParts = 64 * 1024;

    private readonly BodyTurns<InstanceId> _turns = new(options.Value.UploadsAtOnce, options.Value.UploadsAtOncePerInstance, options.Value.UploadTurnTimeout, time);

    /// <summary>Reads it; the file is stored and registered when this returns, and the rate was taken. What is refused before has stored nothing.</summary>
    /// <exception cref="ProblemException">400, 408, 413, 429 or 503.</exception>
    public async Task<(List<EventDraft> Drafts, AttachedMedia?[] Attached, TakenRate Taken)> ReadAsync(HttpContext context, string boundary, InstanceId instance, string origin)
    {
        var maxBytes = options.Value.MaxFileBytes + PublishLimits.MaxEnvelopeBytes + AroundParts;
        if (context.Request.ContentLength > maxBytes)
            throw MediaProblems.TooLarge(options.Value.MaxFileBytes).ToException();
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = maxBytes;
        // Before the body comes. Where its head does not say how many bytes that are, they are owed when they are known.
        var taken = rate.Take(instance, events: 1, context.Request.ContentLength ?? 0);
        try
        {
            using var turn = await _turns.TakeAsync(instance, context.RequestAborted) ?? throw MediaProblems.TooManyUploads.ToException();
            // Those that had the turns before may owe what their heads did not say.
            if (context.Request.ContentLength is null)
                rate.RequireBytes(instance);
            using var form = new PublishForm(files, options.Value.MaxFileBytes);
            await ReadInTimeAsync(context, boundary, form);
            var drafts = DraftsOf(form, instance);
            var bytes = drafts[0].Utf8.Length + form.File.Bytes;
            if (!await form.File.KeepAsync())
                throw MediaProblems.DiskFull.ToException();
            var description = new MediaDescription { Source = MediaSource.Publish, Content = form.File.Finish(), MimeType = form.MimeType, FileName = form.FileName };
            var attached = await media.AttachAsync(instance, drafts, description, origin);
            rate.Settle(taken, events: 1, bytes);
            return (drafts, attached, taken);
        }
        catch
        {
            rate.Settle(taken, events: 0, bytes: 0);
            throw;
        }
    }

    /// <summary>The server ends a body that comes at less than 240 bytes a second on average, which a long one may stay above for hours.</summary>
    private async Task ReadInTimeAsync(HttpContext context, string boundary, PublishForm form)
    {
        using var late = new CancellationTokenSource(options.Value.UploadTimeout, time);
        try
        {
            await form.ReadAsync(context.Request.Body, boundary, late.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw MediaProblems.UploadTimeout(options.Value.UploadTimeout).ToException();
        }
    }

    /// <summary>The one event, which will be taken with its file: all that can be refused is, before the file is kept.</summary>
    private List<EventDraft> DraftsOf(PublishForm form, InstanceId instance)
    {
        var (json, withUrl) = (form.Event, new List<int>());
        var drafts = PublishRequestParser.ParseJson(json.Span, instance, time.GetUtcNow(), withUrl);
        if (drafts.Count != 1)
            throw PublishProblems.WrongForm(PublishForm.EventPart, "one event; a request has one event and one file", index: null);
        if (withUrl.Count > 0)
            throw PublishProblems.WrongForm("data.media_source_url", "either it or the part file", index: null);
        PublishedMedia.RequireRoom(drafts, places: [0]);
        return drafts;
    }
}
