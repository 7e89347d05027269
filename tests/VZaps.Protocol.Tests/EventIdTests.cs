using FsCheck;
using FsCheck.Xunit;
using Xunit;

namespace VZaps.Protocol.Tests;

public sealed class EventIdTests
{
    private static readonly InstanceId Instance = InstanceId.Parse("VZ0123456789ABCDEFGHIJKLMNOPQRSTUV");

    [Property]
    public bool An_id_reads_back_as_the_position_it_was_written_from(uint time, PositiveInt sequence)
    {
        var position = EventPosition.Create(Instance, time, sequence.Get);
        return EventPosition.TryParse(position.ToString(), out var read) && read == position
            && read.Sequence == sequence.Get && read.AppendedAt.ToUnixTimeMilliseconds() == time;
    }

    [Property]
    public bool An_id_has_the_digits_of_all_128_bits(ulong high, ulong low) => IsWrittenDigitByDigit(new UInt128(high, low));

    [Fact]
    public void An_id_has_the_digits_of_all_128_bits_at_the_edges_of_its_words()
    {
        foreach (var edge in (UInt128[])[UInt128.One << 60, UInt128.One << 64, UInt128.One << 120, UInt128.One << 125, UInt128.MaxValue])
        {
            Assert.True(IsWrittenDigitByDigit(edge));
            Assert.True(IsWrittenDigitByDigit(edge - 1));
        }
    }

    [Property]
    public bool Ids_sort_as_their_positions_do(uint time, PositiveInt sequence, byte later)
    {
        var first = EventPosition.Create(Instance, time, sequence.Get);
        var second = EventPosition.Create(Instance, (long)time + later, sequence.Get + 1L);
        return first.IsBefore(second) && string.CompareOrdinal(first.ToString(), second.ToString()) < 0;
    }

    [Property]
    public bool An_id_of_another_instance_is_told_apart(uint time, PositiveInt sequence)
    {
        var position = EventPosition.Create(InstanceId.New(), time, sequence.Get);
        return !position.BelongsTo(Instance);
    }

    [Fact]
    public void A_position_belongs_to_the_instance_it_was_made_for() =>
        Assert.True(EventPosition.Create(Instance, 1_790_416_800_000, 42).BelongsTo(Instance));

    private static bool IsWrittenDigitByDigit(UInt128 value)
    {
        var digits = new char[26];
        for (var (i, rest) = (25, value); i >= 0; (i, rest) = (i - 1, rest >> 5))
            digits[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(int)(rest & 31)];
        var id = "evt_" + new string(digits);
        return new EventPosition(value).ToString() == id && EventPosition.TryParse(id, out var read) && read.Value == value;
    }

    [Fact]
    public void The_start_belongs_to_no_instance() => Assert.False(EventPosition.Start.BelongsTo(Instance));

    [Theory]
    [InlineData("")]
    [InlineData("evt_")]
    [InlineData("evt_0000000000000000000000000")] // one short
    [InlineData("evt_000000000000000000000000000")] // one over
    [InlineData("evt_80000000000000000000000000")] // 131 bits
    [InlineData("evt_0000000000000000000000000U")] // no digit of Crockford's
    [InlineData("evt_0000000000000000000000000a")] // not canonical
    [InlineData("EVT_00000000000000000000000000")]
    [InlineData("evt_0000000000000000000000000é")]
    public void What_is_not_an_id_is_not_read(string text) => Assert.False(EventPosition.TryParse(text, out _));
}
