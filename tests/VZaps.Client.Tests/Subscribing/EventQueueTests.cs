using FsCheck.Xunit;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class EventQueueTests
{
    [Fact]
    public async Task Nothing_is_given_out_before_it_is_opened_while_it_is_held_or_after_it_is_closed()
    {
        var calls = 0;
        var queue = new EventQueue(10, 1, new SingleLine());
        queue.CallTakersBy(() => calls++);
        await AddAsync(queue, 1);
        await AddAsync(queue, 2);
        Assert.Equal(0, calls);
        queue.Open();
        Assert.Equal(1, calls);
        Assert.True(queue.TryTake(out var first, out var line));
        Assert.Equal(Envelopes.Id(1), first.Event.Id);
        queue.Hold();
        Assert.False(queue.WhenIdle().IsCompleted);
        queue.Release(line);
        Assert.True(queue.WhenIdle().IsCompleted);
        Assert.False(queue.TryTake(out _, out _));
        Assert.Equal(1, calls);
        queue.Resume();
        Assert.Equal(2, calls);
        queue.Close();
        Assert.False(queue.TryTake(out _, out _));
    }

    [Fact]
    public async Task A_full_queue_lets_whoever_adds_wait_until_there_is_room()
    {
        var queue = new EventQueue(2, 1, new SingleLine());
        queue.Open();
        await AddAsync(queue, 1);
        await AddAsync(queue, 2);
        var adding = AddAsync(queue, 3).AsTask();
        Assert.False(adding.IsCompleted);
        Assert.True(queue.TryTake(out _, out _));
        await adding.OrFailAsync();
    }

    [Fact]
    public async Task A_full_queue_of_many_keys_takes_one_event_for_each_that_leaves_as_it_may_be_of_a_key_that_is_free()
    {
        var queue = new EventQueue(4, 8, new PartitionLines());
        queue.Open();
        for (var number = 1; number <= 4; number++)
            await AddAsync(queue, number, "slow");
        var adding = AddAsync(queue, 5, "free").AsTask();
        Assert.True(queue.TryTake(out _, out _));
        await adding.OrFailAsync();
        Assert.True(queue.TryTake(out var taken, out _));
        Assert.Equal(Envelopes.Id(5), taken.Event.Id);
    }

    [Fact]
    public async Task Takers_are_called_for_each_line_that_is_ready_up_to_the_most_and_again_only_when_one_has_left()
    {
        var calls = 0;
        var queue = new EventQueue(10, 2, new PartitionLines());
        queue.CallTakersBy(() => calls++);
        queue.Open();
        await AddAsync(queue, 1, "a");
        await AddAsync(queue, 2, "b");
        await AddAsync(queue, 3, "c");
        Assert.Equal(2, calls);
        var lines = Enumerable.Range(0, 3).Select(_ => queue.TryTake(out WaitingEvent _, out var line) ? line : null).ToList();
        Assert.False(queue.TryTake(out _, out _));
        await AddAsync(queue, 4, "d");
        Assert.Equal(3, calls);
        lines.ForEach(queue.Release);
    }

    [Fact]
    public async Task Takers_are_called_when_some_events_have_gathered_when_whoever_adds_says_so_and_before_he_waits_for_room()
    {
        var calls = 0;
        var queue = new EventQueue(capacity: 100, maxTakers: 1, new SingleLine());
        queue.CallTakersBy(() => calls++);
        queue.Open();
        await GatherAsync(queue, 1);
        Assert.Equal(0, calls);
        queue.CallTakers();
        queue.CallTakers();
        Assert.Equal(1, calls);
        Assert.True(queue.TryTake(out _, out _));
        Assert.False(queue.TryTake(out _, out _));
        for (var number = 1; number < EventQueue.MaxGathered; number++)
            await GatherAsync(queue, number);
        Assert.Equal(1, calls);
        await GatherAsync(queue, EventQueue.MaxGathered);
        Assert.Equal(2, calls);

        var small = new EventQueue(capacity: 1, maxTakers: 1, new SingleLine());
        small.CallTakersBy(() => calls++);
        small.Open();
        await GatherAsync(small, 1);
        var waiting = GatherAsync(small, 2);
        Assert.Equal(3, calls);
        Assert.True(small.TryTake(out _, out _));
        await waiting.AsTask().OrFailAsync();
    }

    [Fact]
    public void A_slow_key_keeps_nobody_from_the_events_of_others()
    {
        var lines = new PartitionLines();
        foreach (var (number, key) in new[] { (1, "slow"), (2, "slow"), (3, "other"), (4, "slow"), (5, "third") })
            lines.Add(Waiting(number), key);
        Assert.True(lines.TryTake(out WaitingEvent _, out var slow));
        Assert.Equal([3, 5], TakeAll(lines));
        Assert.Equal(2, lines.Count);
        lines.Release(slow);
        Assert.Equal([2], TakeAll(lines));
    }

    /// <summary>Random adds, takes and releases against the definition.</summary>
    [Property]
    public bool One_of_a_key_is_out_at_a_time_in_its_order_and_whatever_may_be_taken_is_ready(List<byte> steps)
    {
        var lines = new PartitionLines();
        var waiting = new List<(int Number, string Key)>();
        var taken = new List<(string Key, object? Line)>();
        var number = 0;
        foreach (var step in steps)
        {
            if (step % 3 == 0)
            {
                waiting.Add((++number, $"{step % 4}"));
                lines.Add(Waiting(number), waiting[^1].Key);
            }
            else if (step % 3 == 1 && taken.Count > 0)
            {
                lines.Release(taken[step % taken.Count].Line);
                taken.RemoveAt(step % taken.Count);
            }
            else
            {
                var free = waiting.Where(one => taken.TrueForAll(other => other.Key != one.Key)).GroupBy(one => one.Key).Select(group => group.First()).ToList();
                if (lines.HasReady != (free.Count > 0) || lines.TryTake(out var next, out var line) != lines.HasReady && free.Count == 0)
                    return false;
                if (free.Count == 0)
                    continue;
                var expected = free.Find(one => Envelopes.Id(one.Number) == next.Event.Id);
                if (expected.Key is null)
                    return false;
                waiting.Remove(expected);
                taken.Add((expected.Key, line));
            }

            if (lines.Count != waiting.Count)
                return false;
        }

        return true;
    }

    private static IEnumerable<int> TakeAll(PartitionLines lines)
    {
        while (lines.TryTake(out var taken, out _))
            yield return (int)(EventPosition.TryParse(taken.Event.Id, out var position) ? position.Sequence : 0);
    }

    private static WaitingEvent Waiting(int number) => new(Envelopes.Read(number), Task.CompletedTask);

    private static ValueTask GatherAsync(EventQueue queue, int number) => queue.GatherAsync(Waiting(number), "", CancellationToken.None);

    private static ValueTask AddAsync(EventQueue queue, int number, string key = "") => queue.AddAsync(Waiting(number), key, CancellationToken.None);
}
