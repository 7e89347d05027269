using System.Buffers;
using System.Security.Cryptography;

namespace VZaps.Gateway.Media;

/// <summary>The id of an event's file: <c>med_</c> and 26 characters of Crockford's base32, of 130 random bits.</summary>
internal readonly record struct MediaId
{
    private const string Prefix = "med_", Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Characters = 26;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    private readonly string? _text;

    private MediaId(string text) => _text = text;

    public string Value => _text ?? "";

    public static MediaId New() => new(Prefix + RandomNumberGenerator.GetString(Alphabet, Characters));

    /// <summary>Reads one in its one spelling, so that no two texts are the same file.</summary>
    public static bool TryParse(string? text, out MediaId id)
    {
        var isOne = text is { Length: 30 } && text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Allowed) < 0;
        id = isOne ? new MediaId(text!) : default;
        return isOne;
    }

    public override string ToString() => Value;
}
