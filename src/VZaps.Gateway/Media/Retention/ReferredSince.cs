using VZaps.Gateway.Log;

namespace VZaps.Gateway.Media;

/// <summary>Since when files may be referred to by a retained event or a kept payload, as it was when a run of the retention began: what is referred to only becomes less.</summary>
/// <param name="log">Whose events refer to them.</param>
/// <param name="kept">When the oldest kept payload of each instance came.</param>
internal sealed class ReferredSince(Lazy<IEventLog> log, Dictionary<string, DateTimeOffset> kept)
{
    /// <summary>From a file's row to the append of its event, and from a file's bytes to its row, it takes no longer.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private readonly Dictionary<string, long> _known = new(StringComparer.Ordinal);

    /// <summary>A file that has no row and was kept before this belongs to no kept payload.</summary>
    public DateTimeOffset WithoutRow { get; } = kept.Values.DefaultIfEmpty(DateTimeOffset.MaxValue).Min() - Slack;

    /// <summary>Rows of an instance that were made before this, in Unix milliseconds, have no retained event, and no kept payload.</summary>
    public long Of(string instance)
    {
        if (_known.TryGetValue(instance, out var since))
            return since;
        var id = InstanceId.Parse(instance);
        var oldest = log.Value.FindNext(id, EventTypeSet.All, log.Value.GetRange(id).FirstSequence - 1);
        var (ofEvents, ofKept) = (oldest?.AppendedAt ?? DateTimeOffset.MaxValue, kept.GetValueOrDefault(instance, DateTimeOffset.MaxValue));
        return _known[instance] = ((ofEvents < ofKept ? ofEvents : ofKept) - Slack).ToUnixTimeMilliseconds();
    }
}
