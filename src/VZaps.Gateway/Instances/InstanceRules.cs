using VZaps.Gateway.Http;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Instances;

/// <summary>What an instance's fields may hold.</summary>
internal static class InstanceRules
{
    private const int MinNameLength = 3, MaxNameLength = 255, MaxUrlLength = 2_048;
    private const int MaxLabels = 64, MaxLabelNameLength = 64, MaxLabelValueLength = 256;

    public static string Name(string? given)
    {
        var name = given?.Trim() ?? "";
        return name.Length is >= MinNameLength and <= MaxNameLength
            ? name
            : throw InstanceProblems.InvalidName(name.Length, MinNameLength, MaxNameLength).ToException();
    }

    /// <summary>An absolute http or https URL; null for none. Which hosts may be called is settled where they are called.</summary>
    public static string? Webhook(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
            return null;
        if (given.Length > MaxUrlLength || !Uri.TryCreate(given.Trim(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw InstanceProblems.InvalidWebhook(MaxUrlLength).ToException();
        OutboundUrl.Parse(given);
        return given.Trim();
    }

    public static IReadOnlyDictionary<string, string> Labels(IReadOnlyDictionary<string, string?>? given)
    {
        if (given is null)
            return Instance.NoLabels;
        if (given.Count > MaxLabels || given.Any(label => label.Key.Length is 0 or > MaxLabelNameLength
            || label.Value is null || label.Value.Length > MaxLabelValueLength))
            throw InstanceProblems.InvalidLabels(MaxLabels, MaxLabelNameLength, MaxLabelValueLength).ToException();
        return given.ToDictionary(label => label.Key, label => label.Value!, StringComparer.Ordinal);
    }
}
