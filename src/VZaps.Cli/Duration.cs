using System.Globalization;
using System.CommandLine.Parsing;

namespace VZaps.Cli;

/// <summary>A time span as people type it: <c>500ms</c>, <c>20s</c>, <c>5m</c>, <c>1h</c>; a number alone is seconds.</summary>
internal static class Duration
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        var (number, unit) = (text, TimeSpan.FromSeconds(1));
        foreach (var known in Units)
        {
            if (text.EndsWith(known.Unit, StringComparison.Ordinal))
            {
                (number, unit) = (text[..^known.Unit.Length], known.Length);
                break;
            }
        }

        duration = default;
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || count > TimeSpan.FromDays(365) / unit)
            return false;
        duration = unit * count;
        return true;
    }

    /// <summary>For <c>Option.CustomParser</c>.</summary>
    public static TimeSpan? Parse(ArgumentResult given)
    {
        if (TryParse(given.Tokens[0].Value, out var duration))
            return duration;
        given.AddError($"'{given.Tokens[0].Value}' is no time span. Give a number with ms, s, m or h, such as 20s.");
        return null;
    }
}
