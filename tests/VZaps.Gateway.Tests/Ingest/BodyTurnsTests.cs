using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Ingest;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest;

public sealed class BodyTurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task One_key_has_its_share_and_the_others_have_the_rest()
    {
        var turns = Turns(total: 3, perKey: 2, TimeSpan.Zero);
        Assert.NotNull(await TakeAsync(turns, "slow"));
        var second = await TakeAsync(turns, "slow");
        Assert.Null(await TakeAsync(turns, "slow"));

        Assert.NotNull(await TakeAsync(turns, "other"));
        Assert.Null(await TakeAsync(turns, "third")); // there are no more in all

        second!.Dispose();
        Assert.NotNull(await TakeAsync(turns, "slow"));
    }

    [Fact]
    public async Task Who_waits_for_its_share_holds_no_turn_of_the_others()
    {
        var turns = Turns(total: 2, perKey: 1, Patience);
        var held = await TakeAsync(turns, "slow");
        var waiting = Enumerable.Range(0, 100).Select(_ => TakeAsync(turns, "slow")).ToList();

        var other = TakeAsync(turns, "other");

        Assert.True(other.IsCompletedSuccessfully);
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        held!.Dispose();
        Assert.NotNull(await waiting[0]);
        Assert.DoesNotContain(waiting.Skip(1), one => one.IsCompleted);
    }

    [Fact]
    public async Task However_many_wait_of_one_key_another_is_next()
    {
        var turns = Turns(total: 1, perKey: 1, Patience);
        var held = await TakeAsync(turns, "third");
        var many = Enumerable.Range(0, 100).Select(_ => TakeAsync(turns, "many")).ToList();
        var other = TakeAsync(turns, "other");

        held!.Dispose();
        (await many[0])!.Dispose();

        Assert.NotNull(await other);
        Assert.DoesNotContain(many.Skip(1), one => one.IsCompleted);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_is_said_and_nothing_is_held_of_who_has_left()
    {
        var turns = Turns(total: 1, perKey: 1, Patience);
        var held = await TakeAsync(turns, "slow");
        var (same, other) = (TakeAsync(turns, "slow"), TakeAsync(turns, "other"));
        _time.Advance(Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(same.IsCompleted || other.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await same);
        Assert.Null(await other);
        Assert.Equal(1, turns.KeyCount);

        held!.Dispose();

        Assert.Equal(0, turns.KeyCount);
        Assert.NotNull(await TakeAsync(turns, "other"));
    }

    [Fact]
    public async Task Who_goes_away_waits_no_longer()
    {
        var turns = Turns(total: 1, perKey: 1, Patience);
        var held = await TakeAsync(turns, "slow");
        using var gone = new CancellationTokenSource();
        var waiting = turns.TakeAsync("other", gone.Token);
        var behind = TakeAsync(turns, "third");

        await gone.CancelAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => waiting);
        held!.Dispose();
        Assert.NotNull(await behind);
    }

    [Fact]
    public async Task A_turn_is_given_back_once()
    {
        var turns = Turns(total: 1, perKey: 1, TimeSpan.Zero);
        var turn = await TakeAsync(turns, "a");
        turn!.Dispose();
        turn.Dispose();
        Assert.NotNull(await TakeAsync(turns, "a"));
        Assert.Null(await TakeAsync(turns, "b"));
    }

    /// <summary>Anything, in any order: no turn too many is out, none is free while somebody may have it, and nothing is left at the end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_counts_hold_whatever_comes(int seed)
    {
        const int Total = 5, PerKey = 2, Keys = 6;
        var (random, turns) = (new Random(seed), Turns(Total, PerKey, Patience));
        var asked = new List<(int Key, Task<IDisposable?> Turn, CancellationTokenSource Gone)>();
        for (var step = 0; step < 2_000; step++)
        {
            if (random.Next(2) == 0 || asked.Count == 0)
            {
                var (key, gone) = (random.Next(Keys), new CancellationTokenSource());
                asked.Add((key, turns.TakeAsync($"{key}", gone.Token), gone));
            }
            else
            {
                var place = random.Next(asked.Count);
                var (_, turn, gone) = asked[place];
                asked.RemoveAt(place);
                if (turn.IsCompleted)
                    (await turn)!.Dispose();
                else
                    await gone.CancelAsync();
            }

            // What was given is told to who waits on another thread.
            var expected = Math.Min(Total, asked.GroupBy(one => one.Key).Sum(group => Math.Min(PerKey, group.Count())));
            SpinWait.SpinUntil(() => asked.Count(one => one.Turn.IsCompleted) >= expected, TimeSpan.FromSeconds(30));
            Assert.Equal(expected, asked.Count(one => one.Turn.IsCompleted));
            Assert.All(asked.GroupBy(one => one.Key), group => Assert.InRange(group.Count(one => one.Turn.IsCompleted), 0, PerKey));
            Assert.Equal(asked.Select(one => one.Key).Distinct().Count(), turns.KeyCount);
        }

        foreach (var (_, turn, gone) in asked)
            await gone.CancelAsync();
        foreach (var (_, turn, _) in asked)
        {
            if (turn.IsCompletedSuccessfully)
                (await turn)!.Dispose();
        }

        Assert.Equal(0, turns.KeyCount);
    }

    private static Task<IDisposable?> TakeAsync(BodyTurns<string> turns, string key) => turns.TakeAsync(key, TestContext.Current.CancellationToken);

    private BodyTurns<string> Turns(int total, int perKey, TimeSpan patience) => new(total, perKey, patience, _time);
}
