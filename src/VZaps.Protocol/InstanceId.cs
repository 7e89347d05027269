using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace VZaps.Protocol;

/// <summary>The id of one WhatsApp connection: <c>VZ</c> and 32 of A-Z0-9.</summary>
public readonly record struct InstanceId
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);
    private readonly string? _value;

    private InstanceId(string value) => _value = value;

    /// <summary>Characters in an id, the prefix included.</summary>
    public const int Length = 34;

    /// <summary>The id as on the wire; empty for the default value.</summary>
    public string Value => _value ?? "";

    /// <summary>A new random id.</summary>
    public static InstanceId New() => new("VZ" + RandomNumberGenerator.GetString(Alphabet, Length - 2));

    /// <summary>Reads an id; false where the text has another form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out InstanceId id)
    {
        var valid = text is { Length: Length } && text.StartsWith("VZ", StringComparison.Ordinal)
            && !text.AsSpan(2).ContainsAnyExcept(Allowed);
        id = valid ? new InstanceId(text!) : default;
        return valid;
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is not an instance id.</exception>
    public static InstanceId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not an instance id: VZ and 32 of A-Z0-9.");

    /// <inheritdoc cref="Value"/>
    public override string ToString() => Value;
}
