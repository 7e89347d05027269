using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace VZaps.Client.Testing;

/// <summary>Posts as the gateway makes them, signed, for the tests of a webhook: send them with the <c>HttpClient</c> of your test server.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class FakeWebhook
{
    private const string Prefix = "whsec_";
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private int _posts;

    /// <summary>The endpoint's secret, to configure the webhook with.</summary>
    public string Secret => Prefix + Convert.ToBase64String(_key);

    /// <summary>The instance that the events are of.</summary>
    public string InstanceId { get; init; } = "VZFAKEWEBHOOK0000000000000000000A";

    /// <summary>A post of an event.</summary>
    /// <param name="url">Where to; relative to the client's base address, or absolute.</param>
    /// <param name="type">The event's type.</param>
    /// <param name="data">Its data: a JSON object, which is the body.</param>
    /// <param name="eventId">Its id; null for a new one.</param>
    /// <param name="attempt">Which attempt it is, from 1.</param>
    /// <param name="signedAt">When it was signed; null for now.</param>
    public HttpRequestMessage NewPost(string url, EventType type, string data, string? eventId = null, int attempt = 1, DateTimeOffset? signedAt = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        var id = eventId ?? $"evt_FAKEWEBHOOK{Interlocked.Increment(ref _posts).ToString("D15", CultureInfo.InvariantCulture)}";
        var at = signedAt ?? TimeProvider.System.GetUtcNow();
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var body = Encoding.UTF8.GetBytes(data);
        var post = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        post.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        post.Headers.Add("webhook-id", id);
        post.Headers.Add("webhook-timestamp", timestamp);
        post.Headers.Add("webhook-signature", Sign(id, timestamp, body));
        post.Headers.Add("vzaps-instance-id", InstanceId);
        post.Headers.Add("vzaps-event-type", type.Name);
        post.Headers.Add("vzaps-created-at", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        post.Headers.Add("vzaps-attempt", attempt.ToString(CultureInfo.InvariantCulture));
        return post;
    }

    private string Sign(string id, string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(_key, signed));
    }
}
