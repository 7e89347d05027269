using System.Globalization;
using System.Text;
using VZaps.Client.Webhooks;

namespace VZaps.Client.Tests.Webhooks;

/// <summary>A post of a gateway, to be changed before it is verified.</summary>
internal sealed class SignedPost
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string Other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    public const string Data = """{"type":"Message","event":{"Info":{"ID":"1","Chat":"15550002222@s.whatsapp.net","Sender":"15550002222@s.whatsapp.net"},"Message":{"conversation":"hi"}}}""";

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["webhook-id"] = "evt_01J00000000000000000000001",
        ["vzaps-instance-id"] = "VZ1",
        ["vzaps-event-type"] = "Message",
        ["vzaps-created-at"] = "2026-06-23T22:57:17.000Z",
        ["vzaps-attempt"] = "1",
    };

    public byte[] Body { get; set; } = Encoding.UTF8.GetBytes(Data);

    public SignedPost With(string header, string? value)
    {
        Headers.Remove(header);
        if (value is not null)
            Headers[header] = value;
        return this;
    }

    public SignedPost WithBody(string body)
    {
        Body = Encoding.UTF8.GetBytes(body);
        return this;
    }

    /// <summary>Signs it as it is now.</summary>
    public SignedPost Sign(TimeProvider time, string secret = Secret)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        Headers["webhook-timestamp"] = timestamp;
        Headers["webhook-signature"] = new WebhookSecrets([secret]).Sign(Headers["webhook-id"], timestamp, Body);
        return this;
    }

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
