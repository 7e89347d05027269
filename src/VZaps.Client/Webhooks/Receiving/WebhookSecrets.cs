using System.Security.Cryptography;
using System.Text;

namespace VZaps.Client.Webhooks;

/// <summary>The secrets of an endpoint, which make and check signatures as Standard Webhooks has them.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WebhookSecrets
{
    private const string Prefix = "whsec_", Version = "v1,";

    // As Standard Webhooks has it; a shorter one was cut off on its way here.
    private const int MinKeyBytes = 24;

    private readonly byte[][] _keys;

    /// <exception cref="ArgumentException">There is none, or one is no such secret. The text does not show it.</exception>
    public WebhookSecrets(IReadOnlyList<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        if (secrets.Count == 0)
            throw new ArgumentException("There is no secret: give the endpoint's, which begins with whsec_.", nameof(secrets));
        _keys = [.. secrets.Select(Read)];
    }

    /// <summary>The signature by the first secret.</summary>
    public string Sign(string id, string timestamp, ReadOnlySpan<byte> body) => Version + Convert.ToBase64String(Hash(_keys[0], id, timestamp, body));

    /// <summary>Whether any of the secrets made any of the signatures.</summary>
    /// <param name="signatures">The header: one, or several with blanks between.</param>
    /// <param name="id">What was signed.</param>
    /// <param name="timestamp">What was signed.</param>
    /// <param name="body">What was signed.</param>
    public bool Signed(string signatures, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        var given = signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Decode).OfType<byte[]>().ToList();
        var isSigned = false;
        foreach (var key in _keys)
        {
            var right = Hash(key, id, timestamp, body);
            foreach (var one in given)
            {
                // In constant time, and to the end: how long it takes tells nothing of how near a guess was.
                isSigned |= CryptographicOperations.FixedTimeEquals(one, right);
            }
        }

        return isSigned;
    }

    private static byte[] Hash(byte[] key, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    /// <summary>The bytes of a signature of the version that we know; null for another.</summary>
    private static byte[]? Decode(string signature)
    {
        if (!signature.StartsWith(Version, StringComparison.Ordinal))
            return null;
        var bytes = new byte[HMACSHA256.HashSizeInBytes + 2];
        return Convert.TryFromBase64String(signature[Version.Length..], bytes, out var written) ? bytes[..written] : null;
    }

    private static byte[] Read(string? secret)
    {
        var text = secret?.Trim() ?? "";
        var encoded = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        var key = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, key, out var length) && length >= MinKeyBytes
            ? key[..length]
            : throw new ArgumentException(
                "A secret is not of the form that the gateway gives: whsec_ and the base64 of 24 bytes or more. See that it is whole.", nameof(secret));
    }
}
