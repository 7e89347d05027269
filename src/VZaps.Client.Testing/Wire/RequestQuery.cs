namespace VZaps.Client.Testing.Wire;

/// <summary>The query of an address.</summary>
internal sealed class RequestQuery
{
    private readonly ILookup<string, string> _values;

    public RequestQuery(Uri address) => _values = address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .ToLookup(pair => pair[0], pair => Uri.UnescapeDataString(pair.Length > 1 ? pair[1] : ""), StringComparer.Ordinal);

    public string? this[string name] => _values[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    public IEnumerable<string> All(string name) => _values[name];
}
