using System.Net.Http.Headers;

namespace VZaps.Client.Media;

/// <summary>By what an answer tells whether a later one is of the same file: its <c>ETag</c>, else the time of its last change.</summary>
internal sealed class MediaValidator(MediaBody first)
{
    // So far apart, the two clocks are the same or it does not matter (RFC 9110, 8.8.2.2): no second change was in the same second.
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);
    private readonly EntityTagHeaderValue? _etag = first.ETag is { IsWeak: false } tag ? tag : null;
    private readonly DateTimeOffset? _changed = first.LastModified is { } changed && first.Date - changed >= Apart ? changed : null;

    /// <summary>Whether it can tell byte for byte.</summary>
    public bool IsStrong => _etag is not null || _changed is not null;

    /// <summary>What makes a server give the whole file where it is another one; null where it cannot tell.</summary>
    public RangeConditionHeaderValue? IfRange => _etag is not null ? new RangeConditionHeaderValue(_etag) : _changed is { } changed ? new RangeConditionHeaderValue(changed) : null;

    /// <summary>Whether a part that was asked for with <see cref="IfRange"/> is of the same file. A server need not repeat the time of its last change there.</summary>
    public bool IsOf(MediaBody later) => _etag is not null ? _etag.Equals(later.ETag) : _changed is not null && (later.LastModified ?? _changed) == _changed;
}
