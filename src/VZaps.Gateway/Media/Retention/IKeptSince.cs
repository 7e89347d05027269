namespace VZaps.Gateway.Media;

/// <summary>Who has payloads that are no events yet, and refer to files as events do.</summary>
internal interface IKeptSince
{
    /// <summary>When the oldest of each instance came, by the instance's id.</summary>
    Task<Dictionary<string, DateTimeOffset>> OldestByInstanceAsync(CancellationToken cancellationToken);
}
