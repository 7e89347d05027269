using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace VZaps.Protocol;

/// <summary>The name of a durable reading position: 1 to 64 of <c>a-z0-9._-</c>, the first a letter or digit.</summary>
public static class ConsumerName
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>The consumer of clients that name none.</summary>
    public const string Default = "default";

    /// <summary>The consumer that keeps no position: for tails and dashboards.</summary>
    public const string Ephemeral = "ephemeral";

    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Whether the text is a consumer's name.</summary>
    public static bool IsValid([NotNullWhen(true)] string? name) =>
        name is { Length: >= 1 and <= MaxLength } && !name.AsSpan().ContainsAnyExcept(Allowed) && char.IsAsciiLetterOrDigit(name[0]);
}
