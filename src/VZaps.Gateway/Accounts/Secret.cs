using System.Security.Cryptography;
using System.Text;

namespace VZaps.Gateway.Accounts;

/// <summary>Tokens and secrets: made at random, kept hashed, compared in constant time.</summary>
internal static class Secret
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    // 43 characters of 62 are 256 bits: a plain SHA-256 of that needs no salt and no stretching.
    private const int RandomLength = 43;

    /// <summary>A new secret; the prefix says what it is, to people and to scanners for leaked secrets.</summary>
    public static string New(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>A new public token, shorter: it need only be unique and hard to guess.</summary>
    public static string NewPublic(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, 24);

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public static bool Matches(ReadOnlySpan<byte> hash, string presented) => CryptographicOperations.FixedTimeEquals(hash, HashOf(presented));
}
