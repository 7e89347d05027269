using VZaps.Client.Configuration;

namespace VZaps.Client.Realtime;

/// <summary>Whose events are read, by which consumer and through which filter: what every connection of a subscription has in common.</summary>
internal sealed class SubscriptionTarget
{
    private SubscriptionTarget(EventSubscribeRequest request, string? consumer)
    {
        InstanceId = request.InstanceId;
        InstanceToken = request.InstanceToken;
        Consumer = consumer;
        Filter = request.Events is { Count: > 0 } events ? string.Join(',', events.Select(type => type.Name)) : null;
    }

    public string InstanceId { get; }

    public string InstanceToken { get; }

    /// <summary>The consumer that is named in the query; null for none.</summary>
    public string? Consumer { get; }

    private string? Filter { get; }

    /// <exception cref="ArgumentException">The request has something missing or wrong.</exception>
    public static SubscriptionTarget From(EventSubscribeRequest request, ClientSettings settings)
    {
        var check = new OptionCheck();
        check.Credential(nameof(request.InstanceId), request.InstanceId);
        check.Credential(nameof(request.InstanceToken), request.InstanceToken);
        check.EventTypes(nameof(request.Events), request.Events);
        check.Range(nameof(request.MaxRetries), request.MaxRetries ?? 0, 0, int.MaxValue);
        check.Range(nameof(request.RetryDelay), request.RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30));
        check.Range(nameof(request.MaxConcurrency), request.MaxConcurrency, 1, 1_024);
        check.Consumer(nameof(request.Consumer), request.Consumer);
        var target = new SubscriptionTarget(request, request.Consumer ?? settings.Consumer);
        if (request.CursorStore is not null)
            check.OwnCursor(nameof(request.CursorStore), target.ConsumerAt(settings.Realtime));
        check.ThrowIfWrong(nameof(request));
        return target;
    }

    /// <summary>The consumer as which a connection to that address reads: the query's, else the path's, else the default one.</summary>
    public string ConsumerAt(ServiceAddress address) => Consumer ?? address.ConsumerInPath ?? ConsumerName.Default;

    /// <summary>Under which its cursor is kept.</summary>
    public CursorKey CursorKeyAt(ServiceAddress address) => new(InstanceId, ConsumerAt(address));

    /// <summary>Route and query of a connection. No credential goes into it: addresses end in logs.</summary>
    public string Route(string? cursor)
    {
        var route = $"/events/ws?instance_id={Uri.EscapeDataString(InstanceId)}";
        if (Filter is not null)
            route += $"&events={string.Join(',', Filter.Split(',').Select(Uri.EscapeDataString))}";
        if (cursor is not null)
            route += $"&last_event_id={Uri.EscapeDataString(cursor)}";
        if (Consumer is not null)
            route += $"&consumer={Uri.EscapeDataString(Consumer)}";
        return route;
    }
}
