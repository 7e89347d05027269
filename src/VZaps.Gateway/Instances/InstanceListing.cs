using VZaps.Gateway.Http;

namespace VZaps.Gateway.Instances;

/// <summary>The body of <c>POST /instances/list</c>.</summary>
internal sealed record InstanceListRequest
{
    public int Page { get; init; } = 1;

    public int Size { get; init; } = InstanceListing.DefaultSize;

    public InstanceFilter? Filter { get; init; }

    public string? Sort { get; init; }

    public bool SortDesc { get; init; }
}

/// <summary>Which instances to list.</summary>
internal sealed record InstanceFilter
{
    /// <summary>A part of the name or of the id, whatever its case.</summary>
    public string? Query { get; init; }
}

/// <summary>One page of an account's instances.</summary>
internal sealed record InstanceListAnswer(
    int Page, int Size, int Total, int TotalPages, IReadOnlyList<InstanceAnswer> Content, InstanceSummary Summary);

/// <summary>Counts over everything that the filter let through, not the page alone.</summary>
internal sealed record InstanceSummary(int Total, int Connected, int Disconnected);

/// <summary>Filters, sorts and pages instances.</summary>
internal static class InstanceListing
{
    public const int DefaultSize = 50, MaxSize = 200;
    public const string SortColumns = "name, id, connected, created_at, updated_at";

    /// <summary>Checks a request apart from any account.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public static void Check(InstanceListRequest request)
    {
        if (request.Page < 1 || request.Size is < 1 or > MaxSize)
            throw InstanceProblems.InvalidPage(request.Page, request.Size).ToException();
        _ = Comparison(request.Sort);
    }

    public static InstanceListAnswer List(IEnumerable<Instance> owned, InstanceListRequest request, IInstanceSightings sightings)
    {
        var query = request.Filter?.Query?.Trim() ?? "";
        var matching = owned.Where(instance => instance.Name.Contains(query, StringComparison.OrdinalIgnoreCase)
            || instance.Id.Value.Contains(query, StringComparison.OrdinalIgnoreCase)).ToList();
        var compare = Comparison(request.Sort);
        // The id settles ties, so that no instance is on two pages or on none.
        matching.Sort((a, b) => compare(a, b) is not 0 and var order
            ? (request.SortDesc ? -order : order)
            : string.CompareOrdinal(a.Id.Value, b.Id.Value));
        var connected = matching.Count(instance => instance.Connected);
        var skipped = (int)Math.Min((request.Page - 1L) * request.Size, matching.Count);
        return new InstanceListAnswer(
            request.Page,
            request.Size,
            matching.Count,
            (matching.Count + request.Size - 1) / request.Size,
            matching.Skip(skipped).Take(request.Size).Select(instance => InstanceAnswer.Of(instance, sightings.SightingOf(instance.Id))).ToList(),
            new InstanceSummary(matching.Count, connected, matching.Count - connected));
    }

    private static Comparison<Instance> Comparison(string? column) => column switch
    {
        null or "" or "created_at" or "createdAt" => (a, b) => a.CreatedAt.CompareTo(b.CreatedAt),
        "updated_at" or "updatedAt" => (a, b) => a.UpdatedAt.CompareTo(b.UpdatedAt),
        "name" => (a, b) => string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase),
        "id" => (a, b) => string.CompareOrdinal(a.Id.Value, b.Id.Value),
        "connected" => (a, b) => a.Connected.CompareTo(b.Connected),
        _ => throw InstanceProblems.UnknownSort(column).ToException(),
    };
}
