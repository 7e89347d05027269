using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest;

/// <summary>Files of published events: by URL in their data, or in the request. They are registered, and stand in the events as all files do.</summary>
internal sealed class PublishedMedia(MediaAttaching attaching)
{
    private const string UrlField = "data.media_source_url";

    // What the gateway writes, or takes out.
    private static readonly string[] Replaced = ["type", "media", "media_url", "media_source_url", "mediaSourceUrl"];

    public static ReadOnlySpan<byte> UrlMember => "media_source_url"u8;

    public static ReadOnlySpan<byte> UrlMemberInCamelCase => "mediaSourceUrl"u8;

    /// <summary>Registers the files of events that name a URL, and puts them into the drafts.</summary>
    /// <param name="instance">Whose events they are.</param>
    /// <param name="drafts">The drafts of a request; those with a file are replaced.</param>
    /// <param name="places">Which have one.</param>
    /// <param name="origin">What links are made of.</param>
    /// <returns>One for each draft; null for one without.</returns>
    /// <exception cref="ProblemException">400 or 413: an event is refused; nothing was registered.</exception>
    public async Task<AttachedMedia?[]> AttachAsync(InstanceId instance, List<EventDraft> drafts, IReadOnlyList<int> places, string origin)
    {
        var descriptions = new List<MediaDescription>(places.Count);
        foreach (var place in places)
            descriptions.Add(DescriptionOf(drafts[place], drafts.Count > 1 ? place : null));
        return await AttachAsync(instance, drafts, places, descriptions, origin);
    }

    /// <summary>Registers the file that came with an event, and puts it into the draft.</summary>
    /// <param name="instance">Whose event it is.</param>
    /// <param name="drafts">The one draft of the request.</param>
    /// <param name="description">The file.</param>
    /// <param name="origin">What links are made of.</param>
    /// <exception cref="ProblemException">413: with it, the event is too large.</exception>
    public Task<AttachedMedia?[]> AttachAsync(InstanceId instance, List<EventDraft> drafts, MediaDescription description, string origin) =>
        AttachAsync(instance, drafts, [0], [description], origin);

    /// <summary>Refuses events that would be too large with what is said of their files.</summary>
    /// <param name="drafts">The drafts of a request.</param>
    /// <param name="places">Which have a file.</param>
    /// <exception cref="ProblemException">413.</exception>
    public static void RequireRoom(List<EventDraft> drafts, IReadOnlyList<int> places)
    {
        foreach (var place in places)
        {
            var bytes = drafts[place].Utf8.Length + AttachedMedia.MaxBytes;
            if (bytes > PublishLimits.MaxEnvelopeBytes)
                throw PublishProblems.EventTooLarge(bytes, drafts.Count > 1 ? place : null);
        }
    }

    private async Task<AttachedMedia?[]> AttachAsync(
        InstanceId instance, List<EventDraft> drafts, IReadOnlyList<int> places, IReadOnlyList<MediaDescription> descriptions, string origin)
    {
        var attached = new AttachedMedia?[drafts.Count];
        RequireRoom(drafts, places);
        var registered = await attaching.RegisterAsync(instance, descriptions, origin);
        for (var i = 0; i < places.Count; i++)
        {
            attached[places[i]] = registered[i];
            drafts[places[i]] = With(drafts[places[i]], instance, registered[i]);
        }

        return attached;
    }

    private static MediaDescription DescriptionOf(EventDraft draft, int? index)
    {
        using var envelope = JsonDocument.Parse(draft.Utf8);
        var data = envelope.RootElement.GetProperty("data");
        var (url, hints) = (default(JsonElement), default(JsonElement));
        foreach (var member in data.EnumerateObject())
        {
            if (member.IsNamed("media_source_url") || member.IsNamed("mediaSourceUrl"))
                url = member.Value;
            else if (member.IsNamed("media"))
                hints = member.Value;
        }

        return new MediaDescription
        {
            Source = MediaSource.Publish,
            Url = UrlOf(url, index),
            MimeType = Text(hints, "mime_type", index),
            FileName = Text(hints, "file_name", index),
            Size = SizeOf(hints, index),
            Sha256 = Text(hints, "sha256", index) is not { } hash ? null
                : ExpectedHash.Read(hash) ?? throw PublishProblems.WrongForm("data.media.sha256", "a SHA-256 as 64 hex digits, or as base64", index),
        };
    }

    private static string UrlOf(JsonElement given, int? index)
    {
        const string Expected = "the URL of a file, as text";
        if (given.ValueKind != JsonValueKind.String)
            throw PublishProblems.WrongForm(UrlField, Expected, index);
        try
        {
            return FetchUrl.Parse(given.GetString()!).AbsoluteUri;
        }
        catch (MediaFailedException)
        {
            throw PublishProblems.WrongForm(UrlField, $"an absolute http or https URL of at most {FetchUrl.MaxLength} ASCII characters, without a user name and without a # part", index);
        }
        catch (InvalidOperationException)
        {
            throw PublishProblems.WrongForm(UrlField, Expected, index);
        }
    }

    private static string? Text(JsonElement hints, string name, int? index)
    {
        if (hints.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        if (hints.ValueKind != JsonValueKind.Object)
            throw PublishProblems.WrongForm("data.media", "an object with mime_type, file_name, size and sha256, as far as they are known", index);
        if (hints.Member(name) is not { ValueKind: not JsonValueKind.Null } value)
            return null;
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new InvalidOperationException();
        }
        catch (InvalidOperationException)
        {
            throw PublishProblems.WrongForm($"data.media.{name}", "a text", index);
        }
    }

    private static long? SizeOf(JsonElement hints, int? index)
    {
        if (hints.Member("size") is not { ValueKind: not JsonValueKind.Null } value)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var size) && size >= 0
            ? size
            : throw PublishProblems.WrongForm("data.media.size", "a number of bytes", index);
    }

    private static EventDraft With(EventDraft draft, InstanceId instance, AttachedMedia media)
    {
        using var envelope = JsonDocument.Parse(draft.Utf8);
        var data = new ArrayBufferWriter<byte>(draft.Utf8.Length + AttachedMedia.MaxBytes);
        data.Write("{\"type\":\""u8);
        data.Write(System.Text.Encoding.ASCII.GetBytes(draft.Type.Name));
        data.Write("\","u8);
        data.Write(media.Members.Span);
        foreach (var member in envelope.RootElement.GetProperty("data").EnumerateObject())
        {
            if (Replaced.Any(name => member.IsNamed(name)))
                continue;
            data.Write(",\""u8);
            data.Write(JsonMarshal.GetRawUtf8PropertyName(member));
            data.Write("\":"u8);
            data.Write(JsonMarshal.GetRawUtf8Value(member.Value));
        }

        data.Write("}"u8);
        _ = Rfc3339.TryParse(envelope.RootElement.GetProperty("created_at").GetString()!, out var createdAt);
        var utf8 = GC.AllocateUninitializedArray<byte>(EnvelopeWriter.Measure(draft.Type, data.WrittenCount));
        EnvelopeWriter.Write(draft.Type, instance, createdAt, [], data.WrittenSpan, utf8);
        return draft with { Utf8 = utf8 };
    }
}
