using System.Globalization;

namespace VZaps.Gateway.Http;

/// <summary>How many items a page has, where pages go on <c>after</c> an event: the parameter <c>limit</c>.</summary>
internal static class PageLimit
{
    public const int Default = 100;
    public const int Max = 1_000;

    /// <summary>Reads it; the default where it is absent or empty.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public static int Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return Default;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= Max
            ? limit
            : throw new Problem(400, "invalid_limit", $"'limit' is not a number from 1 to {Max}.").ToException();
    }
}
