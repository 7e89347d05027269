using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>What one instance's log must hold: a list of all events ever answered.</summary>
internal sealed class LogModel(InstanceId instance)
{
    private readonly List<(EventPosition Position, EventType Type)> _events = [];
    private readonly Dictionary<string, (EventPosition Position, DateTimeOffset At)> _keys = [];
    private List<(List<EventType> Types, List<string?> Keys)> _unknown = [];

    public InstanceId Instance => instance;

    public DateTimeOffset NewestAt => _events.Count == 0 ? DateTimeOffset.MinValue : _events[^1].Position.AppendedAt;

    public void Append(List<EventDraft> drafts, List<string?> keys, AppendResult result, DateTimeOffset now)
    {
        Assert.Empty(_unknown); // it was settled, or nothing is taken any more
        for (var i = 0; i < drafts.Count; i++)
        {
            var position = result.Positions[i];
            if (keys[i] is { } key && _keys.TryGetValue(key, out var first) && now - first.At <= KeyFiles.KeyAge)
            {
                Assert.Equal(first.Position, position);
                Assert.Contains(i, result.Duplicates);
                continue;
            }

            // A key that is too old counts until its file goes.
            if (result.Duplicates.Contains(i))
            {
                Assert.Equal(_keys[keys[i]!].Position, position);
                continue;
            }

            Assert.Equal(_events.Count + 1, position.Sequence);
            Add(position, drafts[i].Type, keys[i], now);
        }
    }

    /// <summary>A batch that was refused; where it is unknown whether it was kept, a start shows.</summary>
    public void MayHold(List<EventDraft> drafts, List<string?> keys, bool isUnknown)
    {
        if (isUnknown)
            _unknown.Add(([.. drafts.Select(draft => draft.Type)], keys));
    }

    /// <summary>After a start: what was unknown is there whole, or not at all.</summary>
    public async Task SettleAsync(SegmentLog log)
    {
        var last = log.GetRange(instance).LastSequence;
        var more = await log.ReadAsync(instance, _events.Count, EventTypeSet.All, new LogPageLimits(10_000, 64 << 20), default);
        if (last > _events.Count)
        {
            // The first: what came after the failed one was refused without a try.
            var kept = _unknown.First(batch => Fits(batch, more.Envelopes));
            var added = 0;
            for (var i = 0; i < kept.Types.Count; i++)
            {
                if (kept.Keys[i] is { } key && (_keys.ContainsKey(key)))
                    continue;
                var position = more.Envelopes[added++].Position;
                Add(position, kept.Types[i], kept.Keys[i], position.AppendedAt);
            }
        }

        Assert.Equal(_events.Count, last);
        _unknown = [];
    }

    public async Task CompareAsync(SegmentLog log, Random random)
    {
        var range = log.GetRange(instance);
        Assert.Equal(_events.Count, range.LastSequence);
        Assert.InRange(range.FirstSequence, 1, range.LastSequence + 1);
        var types = EventTypeSet.FromBits(random.Next(1, 8));
        var after = random.Next(_events.Count + 1);
        var wanted = _events.Where(one => one.Position.Sequence > Math.Max(after, range.FirstSequence - 1) && types.Contains(one.Type)).Select(one => one.Position).ToList();

        var read = new List<EventPosition>();
        for (long at = after, end = 0; end == 0;)
        {
            var page = await log.ReadAsync(instance, at, types, new LogPageLimits(random.Next(1, 50), random.Next(1, 20_000)), default);
            read.AddRange(page.Envelopes.Select(envelope => envelope.Position));
            Assert.True(page.ReachedEnd || page.ReadThrough > at);
            (at, end) = (page.ReadThrough, page.ReachedEnd ? 1 : 0);
        }

        Assert.Equal(wanted, read);
        if (types != EventTypeSet.All)
            Assert.Equal(wanted.Count, log.Count(instance, types, after));
        Assert.Equal(wanted.Count == 0 ? null : wanted[0], log.FindNext(instance, types, after));
        if (range.FirstSequence > range.LastSequence)
            return;
        var time = _events[random.Next((int)range.FirstSequence - 1, _events.Count)].Position.AppendedAt;
        Assert.Equal(
            Math.Max(range.FirstSequence - 1, _events.Count(one => one.Position.AppendedAt < time)), log.FindSequenceBefore(instance, time));
    }

    private bool Fits((List<EventType> Types, List<string?> Keys) batch, IReadOnlyList<Envelope> envelopes)
    {
        var newOnes = batch.Types.Where((_, i) => batch.Keys[i] is not { } key || (!_keys.ContainsKey(key) && batch.Keys.IndexOf(key) == i)).ToList();
        return newOnes.SequenceEqual(envelopes.Select(envelope => envelope.Type));
    }

    private void Add(EventPosition position, EventType type, string? key, DateTimeOffset at)
    {
        _events.Add((position, type));
        if (key is not null)
            _keys[key] = (position, at);
    }
}
