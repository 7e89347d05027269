using FsCheck.Xunit;
using VZaps.Gateway.Delivery;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

public sealed class AscendingSequencesTests
{
    /// <summary>Even numbers add the next sequence, odd ones remove one that may or may not be there.</summary>
    [Property(MaxTest = 500)]
    public void It_holds_what_a_sorted_set_holds(byte[] steps)
    {
        var set = new AscendingSequences();
        var model = new SortedSet<long>();
        var next = 1L;
        foreach (var step in steps.Concat(steps).Concat(steps))
        {
            if (step % 3 != 0)
            {
                next += 1 + (step % 5);
                set.Add(next);
                model.Add(next);
            }
            else
            {
                var sequence = model.Count > 0 && step % 2 == 0 ? model.ElementAt(step % model.Count) : step;
                Assert.Equal(model.Remove(sequence), set.Remove(sequence));
            }

            Assert.Equal(model.Count, set.Count);
            Assert.Equal(model.Min, set.First);
            Assert.Equal(model.FirstOrDefault(item => item > step), set.NextAfter(step));
            Assert.Equal(model.Contains(step), set.Contains(step));
        }

        Assert.Equal(model, set.Items());
    }

    [Fact]
    public void One_old_sequence_does_not_make_it_grow_with_all_that_came_and_went_behind_it()
    {
        var set = new AscendingSequences();
        set.Add(1);
        for (var sequence = 2L; sequence <= 1_000_000; sequence++)
        {
            set.Add(sequence);
            Assert.True(set.Remove(sequence));
        }

        Assert.Equal([1L], set.Items());
        Assert.True(set.Capacity <= 256, $"{set.Capacity} places for one sequence");
    }
}
