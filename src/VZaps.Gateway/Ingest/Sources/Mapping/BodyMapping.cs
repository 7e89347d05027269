using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>What every format begins with: a body that is a JSON object, or kept as one that cannot be mapped.</summary>
internal static class BodyMapping
{
    /// <summary>Maps a body; nothing in it makes this fail.</summary>
    /// <param name="body">The body as it came.</param>
    /// <param name="map">Maps the object; adds what becomes of it.</param>
    public static List<SourceOutcome> Map(ReadOnlyMemory<byte> body, Action<JsonElement, List<SourceOutcome>> map)
    {
        var outcomes = new List<SourceOutcome>();
        using var document = LenientJson.TryParse(body, out var mistake);
        if (document is null)
            outcomes.Add(new Unmappable(mistake!, body));
        else if (document.RootElement.ValueKind != JsonValueKind.Object)
            outcomes.Add(new Unmappable("The body is no object.", body));
        else
            map(document.RootElement, outcomes);
        return outcomes;
    }
}
