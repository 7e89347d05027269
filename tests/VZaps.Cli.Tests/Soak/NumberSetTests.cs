using VZaps.Cli.Soak;
using Xunit;

namespace VZaps.Cli.Tests.Soak;

public sealed class NumberSetTests
{
    [Fact]
    public void A_number_is_new_once()
    {
        var set = new NumberSet();
        Assert.True(set.Add(63));
        Assert.True(set.Add(64));
        Assert.False(set.Add(63));
        Assert.Equal(2, set.Count);
    }

    [Fact]
    public void What_one_has_and_the_other_has_not_is_told_with_its_first_numbers()
    {
        var random = new Random(5);
        var (set, other) = (new NumberSet(), new NumberSet());
        var expected = new SortedSet<long>();
        for (var i = 0; i < 20_000; i++)
        {
            var number = random.Next(200_000);
            set.Add(number);
            expected.Add(number);
        }

        for (var i = 0; i < 20_000; i++)
        {
            var number = random.Next(100_000);
            other.Add(number);
            expected.Remove(number);
        }

        var (count, first) = set.Except(other, 3);
        Assert.Equal(expected.Count, count);
        Assert.Equal(expected.Take(3), first);
    }

    [Fact]
    public void A_million_numbers_take_a_bit_each()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var set = new NumberSet();
        for (var i = 0L; i < 1_000_000; i++)
            set.Add(i);
        // The doublings on the way included.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 125_000, 600_000);
        Assert.Equal(1_000_000, set.Count);
    }
}
