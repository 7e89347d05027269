using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>Reads a section's values without reflection; a value that is none of its kind is an error that names the key as it was written.</summary>
internal sealed class SectionReader(IConfiguration section)
{
    public void Text(string key, Action<string> set)
    {
        if (section[key] is { Length: > 0 } text)
            set(text);
    }

    public void Time(string key, Action<TimeSpan> set) => Text(key, text =>
        set(TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : throw Wrong(key, text, "a time such as 00:00:30")));

    public void Number(string key, Action<int> set) => Text(key, text =>
        set(int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(key, text, "a whole number")));

    public void Flag(string key, Action<bool> set) => Text(key, text => set(bool.TryParse(text, out var flag) ? flag : throw Wrong(key, text, "true or false")));

    public void Choice<TEnum>(string key, Action<TEnum> set)
        where TEnum : struct, Enum => Text(key, text => set(
        Enum.TryParse<TEnum>(text, ignoreCase: true, out var choice) && Enum.IsDefined(choice) ? choice : throw Wrong(key, text, $"one of {string.Join(", ", Enum.GetNames<TEnum>())}")));

    public void Address(string key, Action<Uri> set) => Text(key, text =>
        set(Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : throw Wrong(key, text, "an absolute address such as https://gateway.example.com")));

    /// <summary>A list, as a section with an item a key or as one text with commas.</summary>
    public IReadOnlyList<string> List(string key) => section[key] is { Length: > 0 } text
        ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [.. section.GetSection(key).GetChildren().Select(item => item.Value).OfType<string>()];

    private OptionsValidationException Wrong(string key, string text, string what)
    {
        var path = section is IConfigurationSection named ? $"{named.Path}:{key}" : key;
        var message = $"{path} '{text}' is not {what}.";
        return new OptionsValidationException(path, typeof(VZapsClientOptions), [message]);
    }
}
