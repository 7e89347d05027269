using System.Globalization;
using System.Text;
using System.Text.Json;
using VZaps.Client.Webhooks;

namespace VZaps.Client.Tests.Webhooks;

/// <summary>Our signatures against those of an implementation that is not ours.</summary>
public sealed class StandardWebhooksTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    public static TheoryData<string> Bodies => ["{}", """{"type":"Message","event":{"text":"Olá 👍🏽"}}""", "{ \"type\" :\t\"Presence\" }\r\n", $$"""{"type":"Message","event":"{{new string('x', 100_000)}}"}"""];

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public void Signatures_are_those_that_the_other_implementation_made_when_the_vectors_were_written()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllText(Path.Combine(StandardWebhooks.Folder, "vectors.json")));
        Assert.Equal(15, vectors.RootElement.GetArrayLength());
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            string Text(string name) => vector.GetProperty(name).GetString()!;
            var (timestamp, body) = (vector.GetProperty("timestamp").GetInt64().ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(Text("body")));
            var secrets = new WebhookSecrets([Text("secret")]);
            Assert.Equal(Text("signature"), secrets.Sign(Text("id"), timestamp, body));
            Assert.True(secrets.Signed(Text("signature"), Text("id"), timestamp, body));
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task What_the_other_implementation_signs_is_verified_here(string body)
    {
        await using var other = new StandardWebhooks();
        var (now, bytes) = (Now, Encoding.UTF8.GetBytes(body));
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["webhook-id"] = "evt_1",
            ["webhook-timestamp"] = now.ToString(CultureInfo.InvariantCulture),
            ["webhook-signature"] = await other.SignAsync(Secret, "evt_1", now, bytes),
            ["vzaps-event-type"] = body == "{}" ? "Message" : "",
        };
        Assert.Equal("evt_1", new WebhookVerifier(Secret).Verify(headers, bytes).Id);
        bytes[^1] ^= 1;
        Assert.Equal(WebhookMistake.WrongSignature, Assert.Throws<WebhookVerificationException>(() => new WebhookVerifier(Secret).Verify(headers, bytes)).Mistake);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task What_is_signed_here_is_verified_by_the_other_implementation(string body)
    {
        await using var other = new StandardWebhooks();
        var (now, bytes) = (Now, Encoding.UTF8.GetBytes(body));
        var signature = new WebhookSecrets([Secret]).Sign("evt_1", now.ToString(CultureInfo.InvariantCulture), bytes);
        Assert.Null(await other.VerifyAsync(Secret, "evt_1", now, signature, bytes));
        // As after a rotation: ours may stand behind one of another secret.
        Assert.Null(await other.VerifyAsync(Secret, "evt_1", now, $"v1,{Convert.ToBase64String(new byte[32])} {signature}", bytes));
        Assert.NotNull(await other.VerifyAsync(Secret, "evt_2", now, signature, bytes));
    }
}
