using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources;

/// <summary>Requests as the senders of sources make them, and what became of them.</summary>
internal static class SourceCalls
{
    public const string AppSecret = "app-secret-for-tests", HmacKey = "hmac-key-for-tests-0123456789abcdef", VerifyToken = "verify-token-for-tests";
    public const string Number = "200000000000002", OtherNumber = "200000000000003", Waba = "100000000000001";

    /// <summary>Makes a Cloud API source; the path of its URL.</summary>
    public static async Task<string> SetCloudAsync(this GatewayFixture gateway, TestInstance instance, string number = Number, object? more = null)
    {
        var answer = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", more ?? new { phone_number_id = number, app_secret = AppSecret, verify_token = VerifyToken, waba_id = Waba });
        return new Uri(answer.GetProperty("url").GetString()!).AbsolutePath;
    }

    /// <summary>Makes a wuzapi source; the path of its URL, with the secret where it has no key.</summary>
    public static async Task<string> SetWuzAsync(this GatewayFixture gateway, TestInstance instance, string? hmacKey = null)
    {
        var answer = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/wuzapi", new { hmac_key = hmacKey });
        return new Uri(answer.GetProperty("url").GetString()!).AbsolutePath;
    }

    public static string CloudSignature(byte[] body, string secret = AppSecret) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    public static Task<int> PostCloudAsync(this GatewayFixture gateway, string path, string body) => gateway.PostCloudAsync(path, Encoding.UTF8.GetBytes(body));

    /// <summary>Posts a signed body; the status.</summary>
    public static Task<int> PostCloudAsync(this GatewayFixture gateway, string path, byte[] body) =>
        gateway.PostAsync(path, body, "application/json", ("X-Hub-Signature-256", CloudSignature(body)));

    public static async Task<int> PostAsync(this GatewayFixture gateway, string path, byte[] body, string contentType, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        // What is refused for its size alone is refused before it is sent.
        request.Headers.ExpectContinue = body.Length > 1_000_000;
        using var answer = await gateway.Client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>All events of an instance's log.</summary>
    public static async Task<JsonElement[]> EventsAsync(this GatewayFixture gateway, TestInstance instance)
    {
        var (all, after) = (new List<JsonElement>(), "");
        while (true)
        {
            var page = await gateway.CallAsync(instance, HttpMethod.Get, $"/events?limit=1000{after}");
            all.AddRange(page.GetProperty("events").EnumerateArray());
            if (!page.GetProperty("has_more").GetBoolean())
                return [.. all];
            after = "&after=" + all[^1].GetProperty("id").GetString();
        }
    }

    /// <summary>The account of a source, which has to close.</summary>
    public static async Task<Account> AccountAsync(this GatewayFixture gateway, TestInstance instance, string kind)
    {
        var counts = (await gateway.CallAsync(instance, HttpMethod.Get, $"/sources/{kind}")).GetProperty("counts");
        var account = new Account(
            counts.GetProperty("received").GetInt64(), counts.GetProperty("published").GetInt64(), counts.GetProperty("duplicates").GetInt64(), counts.GetProperty("kept").GetInt64(),
            counts.GetProperty("not_mapped").EnumerateObject().ToDictionary(kind => kind.Name, kind => kind.Value.GetInt64()));
        Assert.Equal(account.Received, account.Published + account.Duplicates + account.Kept + account.NotMapped.Values.Sum());
        return account;
    }

    public static string TextMessage(string id, string number = Number, long timestamp = 1790416800) =>
        $$$"""{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550001111","phone_number_id":"{{{number}}}"},"messages":[{"from":"15550002222","id":"{{{id}}}","timestamp":"{{{timestamp}}}","type":"text","text":{"body":"hi"}}]}}""";

    public static string CloudBody(params IEnumerable<string> changes) => $$$"""{"object":"whatsapp_business_account","entry":[{"id":"{{{Waba}}}","time":1790420400,"changes":[{{{string.Join(',', changes)}}}]}]}""";

    public static string WuzMessage(string id, string more = "") =>
        $$$"""{"type":"Message","event":{"Info":{"Chat":"15550002222@s.whatsapp.net","Sender":"15550002222@s.whatsapp.net","IsFromMe":false,"IsGroup":false,"ID":"{{{id}}}","Type":"text","Timestamp":"2026-06-23T19:57:17-03:00"},"Message":{"conversation":"Olá & <b>"}},"userID":"u1"{{{more}}}}""";
}

/// <summary>What became of everything that a source received.</summary>
internal sealed record Account(long Received, long Published, long Duplicates, long Kept, Dictionary<string, long> NotMapped);
