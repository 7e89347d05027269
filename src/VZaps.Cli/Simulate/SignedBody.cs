using System.Security.Cryptography;
using System.Text;

namespace VZaps.Cli.Simulate;

/// <summary>A body that is ready to be posted, as often as it takes.</summary>
/// <param name="Bytes">The body.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="Header">The header that signs it; null where nothing does.</param>
/// <param name="Signature">The header's value.</param>
/// <param name="Updates">How many updates are in it.</param>
internal sealed record SignedBody(byte[] Bytes, string ContentType, string? Header, string? Signature, int Updates)
{
    public static SignedBody OfCloud(string json, string appSecret, int updates)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        return new SignedBody(bytes, "application/json", "X-Hub-Signature-256", "sha256=" + Sign(bytes, appSecret), updates);
    }

    /// <summary>In wuzapi's default form, its names sorted.</summary>
    public static SignedBody OfWuz(string json, string? hmacKey)
    {
        var bytes = Encoding.UTF8.GetBytes(
            $"instanceName={WuzUpdates.Name}&jsonData={Uri.EscapeDataString(json).Replace("%20", "+", StringComparison.Ordinal)}&userID={WuzUpdates.User}");
        return new SignedBody(bytes, "application/x-www-form-urlencoded", hmacKey is null ? null : "x-hmac-signature", hmacKey is null ? null : Sign(bytes, hmacKey), 1);
    }

    private static string Sign(byte[] body, string key) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), body));
}
