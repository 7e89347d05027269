using System.Text.Json;
using System.Text.Json.Nodes;
using VZaps.Client.Testing.Media;

namespace VZaps.Client.Testing;

/// <summary>A file that a <see cref="FakeGateway"/> serves by signed links, as the real one does. <see cref="FakeGateway.AddMedia"/> makes one.</summary>
/// <remarks>Thread-safe. What a method changes counts for requests that come after it, and for those that wait for a pending file.</remarks>
public sealed class FakeMedia
{
    private readonly MediaShelf _shelf;

    internal FakeMedia(MediaShelf shelf, ShelvedFile file) => (_shelf, File) = (shelf, file);

    /// <summary>Its id, <c>med_…</c>.</summary>
    public string Id => File.Id;

    /// <summary>Its SHA-256 in 64 lower-case hex digits.</summary>
    public string Sha256 => File.Sha256;

    /// <summary>A new link, good for 7 days by the gateway's clock.</summary>
    public Uri NewLink() => _shelf.NewLink(File);

    /// <summary>How many times it was asked for by a link that was good.</summary>
    public int Requests => _shelf.Read(() => File.Requests);

    internal ShelvedFile File { get; }

    /// <summary>The data of an event with this file: <c>media</c> and a new <c>media_url</c> put into it, as the file stands now.</summary>
    /// <param name="data">A JSON object, such as <c>{}</c>.</param>
    /// <returns>For <see cref="FakeGateway.Publish(EventType, string)"/>, or <see cref="FakeWebhook.NewPost"/>.</returns>
    /// <exception cref="ArgumentException">It is no JSON object.</exception>
    public string AddTo(string data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var into = Parse(data) as JsonObject ?? throw new ArgumentException("An event's data is an object.", nameof(data));
        into["media_url"] = NewLink().AbsoluteUri;
        into["media"] = _shelf.Read(() => ShelfJson.OfEvent(File));
        return into.ToJsonString();
    }

    /// <summary>It is there now: the gateway has fetched it. Who waits for it is answered.</summary>
    public void Store() => _shelf.Change(File, static file => (file.State, file.ErrorCode, file.ErrorMessage) = (ShelfState.Stored, null, null));

    /// <summary>It could not be fetched: whoever asks is answered 424.</summary>
    /// <param name="errorCode">Why, such as <c>media_not_at_source</c>.</param>
    /// <param name="message">The same for people.</param>
    public void Fail(string errorCode, string message = "Failed by the test.")
    {
        ArgumentException.ThrowIfNullOrEmpty(errorCode);
        ArgumentNullException.ThrowIfNull(message);
        _shelf.Change(File, file => (file.State, file.ErrorCode, file.ErrorMessage) = (ShelfState.Failed, errorCode, message));
    }

    /// <summary>It was removed, as by retention: whoever asks is answered 410.</summary>
    public void Remove() => _shelf.Change(File, static file => file.State = ShelfState.Gone);

    /// <summary>The links that were made until now expire; new ones can be had.</summary>
    public void ExpireLinks() => _shelf.ExpireLinks(File);

    /// <summary>The next answer with bytes of it breaks off after so many, as connections do. Called twice, so do the next two.</summary>
    /// <param name="bytes">0 and up.</param>
    public void CutNext(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        _shelf.Change(File, file => file.Cuts.Enqueue(bytes));
    }

    private static JsonNode? Parse(string data)
    {
        try
        {
            return JsonNode.Parse(data);
        }
        catch (JsonException wrong)
        {
            throw new ArgumentException($"An event's data is JSON: {wrong.Message}", nameof(data), wrong);
        }
    }

    /// <summary>Type and id.</summary>
    public override string ToString() => $"{File.MimeType} {Id}";
}
