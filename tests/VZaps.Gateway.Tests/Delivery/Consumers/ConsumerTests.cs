using FsCheck.Xunit;
using VZaps.Gateway.Delivery;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

public sealed class ConsumerTests
{
    private const byte Message = 0;
    private const byte Presence = 2;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly ConsumerKey Key = new(InstanceId.New(), ConsumerName.Default);
    private static readonly EventTypeSet Messages = EventTypeSet.Of(EventType.Message);
    private static readonly EventTypeSet Both = EventTypeSet.Of(EventType.Message, EventType.Presence);

    [Fact]
    public void A_type_that_was_never_read_starts_at_the_logs_end()
    {
        var start = New().Attach(Messages, cursor: null, logEnd: 7, Now, out var mustSave);

        Assert.True(mustSave);
        Assert.Equal(7, start.First);
        Assert.False(start.Includes(7, Message));
        Assert.True(start.Includes(8, Message));
    }

    [Fact]
    public void The_next_connection_starts_with_what_is_owed_and_goes_on_behind_the_head()
    {
        var consumer = New();
        consumer.Attach(Messages, cursor: null, logEnd: 0, Now, out _);
        foreach (var sequence in (long[])[1, 2, 3, 4])
            consumer.MarkSent(sequence, Message);
        Assert.True(consumer.TryAck(1));
        Assert.True(consumer.TryAck(3));

        consumer.SavedVersion = consumer.Version;
        var start = consumer.Attach(Messages, cursor: null, logEnd: 9, Now, out var mustSave);

        Assert.False(mustSave);
        Assert.Equal([2, 4, 5, 6], Included(start, through: 6));
    }

    [Fact]
    public void A_connection_with_another_filter_takes_nothing_from_a_consumer()
    {
        var consumer = New();
        consumer.Attach(Both, cursor: null, logEnd: 0, Now, out _);
        consumer.Attach(EventTypeSet.Of(EventType.Presence), cursor: null, logEnd: 5, Now, out _);
        consumer.MarkSent(6, Presence);
        consumer.TryAck(6);

        var start = consumer.Attach(Messages, cursor: null, logEnd: 6, Now, out _);

        Assert.Equal([1, 2, 3], Included(start, through: 3));
    }

    [Fact]
    public void A_cursor_behind_the_position_replays_and_does_not_move_it()
    {
        var consumer = New();
        consumer.Attach(Messages, cursor: null, logEnd: 0, Now, out _);
        consumer.MarkSent(1, Message);
        consumer.MarkSent(2, Message);
        consumer.TryAck(1);
        consumer.TryAck(2);

        var replay = consumer.Attach(Messages, cursor: 0, logEnd: 2, Now, out _);
        Assert.Equal([1, 2, 3], Included(replay, through: 3));
        consumer.MarkSent(1, Message); // the replay's own sending

        var next = consumer.Attach(Messages, cursor: null, logEnd: 2, Now, out _);
        Assert.Equal([3], Included(next, through: 3));
    }

    [Fact]
    public void A_cursor_starts_after_its_event_literally_whatever_is_owed_before_it()
    {
        var consumer = New();
        consumer.Attach(Messages, cursor: null, logEnd: 0, Now, out _);
        consumer.MarkSent(1, Message);
        consumer.MarkSent(2, Message);

        var start = consumer.Attach(Messages, cursor: 1, logEnd: 2, Now, out _);

        Assert.Equal([2, 3], Included(start, through: 3));
        Assert.Equal([1, 2, 3], Included(consumer.Attach(Messages, cursor: null, logEnd: 2, Now, out _), through: 3));
    }

    [Fact]
    public void An_event_that_another_connection_of_the_consumer_acked_meanwhile_is_owed_to_nobody()
    {
        var consumer = New();
        consumer.Attach(Messages, cursor: null, logEnd: 0, Now, out _);
        consumer.MarkSent(1, Message);
        var start = consumer.Attach(Messages, cursor: null, logEnd: 1, Now, out _);
        Assert.True(start.Includes(1, Message));

        consumer.TryAck(1);

        Assert.False(start.Includes(1, Message));
    }

    [Property(MaxTest = 300)]
    public void Reading_jumps_only_over_what_is_not_included(byte[] acked, byte[] types, byte messageHead, byte presenceHead)
    {
        // 255 events of two types; each type has its own head; some at or below it are acked.
        byte TypeOf(long sequence) => types.Length > 0 && types[sequence % types.Length] % 2 == 0 ? Message : Presence;
        var consumer = New();
        consumer.Attach(Both, cursor: null, logEnd: 0, Now, out _);
        for (var sequence = 1L; sequence <= 255; sequence++)
        {
            if (sequence <= (TypeOf(sequence) == Message ? messageHead : presenceHead))
                consumer.MarkSent(sequence, TypeOf(sequence));
        }

        foreach (var sequence in acked)
            consumer.TryAck(sequence);
        var start = consumer.Attach(Both, cursor: null, logEnd: 255, Now, out _);

        var expected = Enumerable.Range(1, 255).Select(sequence => (long)sequence).Where(sequence => start.Includes(sequence, TypeOf(sequence)));
        var read = new List<long>();
        for (var through = start.First; through < 255; through = start.NextToRead(through + 1))
        {
            if (start.Includes(through + 1, TypeOf(through + 1)))
                read.Add(through + 1);
        }

        Assert.Equal(expected, read);
    }

    [Property(MaxTest = 300)]
    public void A_state_that_was_saved_reads_back(byte[] acked, byte count)
    {
        var consumer = New();
        consumer.Attach(Both, cursor: null, logEnd: 3, Now, out _);
        for (var sequence = 4L; sequence < count; sequence++)
            consumer.MarkSent(sequence, (byte)(sequence % 3 == 0 ? Presence : Message));
        foreach (var sequence in acked)
            consumer.TryAck(sequence);

        var state = consumer.Snapshot();
        var read = ConsumerStateFormat.Read(ConsumerStateFormat.Write(state));

        Assert.Equal(state.Types.Count, read.Types.Count);
        foreach (var (saved, loaded) in state.Types.Zip(read.Types))
        {
            Assert.Equal((saved.TypeIndex, saved.Head), (loaded.TypeIndex, loaded.Head));
            Assert.Equal(saved.Owed, loaded.Owed);
        }
    }

    [Fact]
    public void What_retention_removed_is_owed_no_longer()
    {
        var consumer = New();
        consumer.Attach(Both, cursor: null, logEnd: 0, Now, out _);
        consumer.MarkSent(1, Message);
        consumer.MarkSent(2, Presence);
        consumer.MarkSent(3, Message);

        Assert.Equal(2, consumer.Forget(throughSequence: 2));

        Assert.False(consumer.Owes(1, Message));
        Assert.True(consumer.Owes(3, Message));
    }

    [Fact]
    public void An_ack_that_was_faster_than_the_burial_leaves_no_dead_letter()
    {
        var consumer = New();
        consumer.Attach(Messages, cursor: null, logEnd: 0, Now, out _);
        consumer.MarkSent(1, Message);
        consumer.TryAck(1);

        consumer.Bury(new LetterEntry(1, Message, IsRedelivered: false), wasExpected: true);

        Assert.Equal(0, consumer.ReadLetters(letters => letters.Count));
        Assert.Equal([1L], consumer.ReadLetters(letters => letters.Acked()));
    }

    [Fact]
    public void A_dead_letter_is_not_owed_even_where_a_crash_kept_the_saved_state_from_saying_so()
    {
        var before = New();
        before.Attach(Messages, cursor: null, logEnd: 0, Now, out _);
        before.MarkSent(1, Message);
        before.MarkSent(2, Message);

        using var after = new Consumer(Key, before.Snapshot(), [new LetterEntry(1, Message, IsRedelivered: false)]);

        Assert.False(after.Owes(1, Message));
        Assert.True(after.Owes(2, Message));
    }

    [Fact]
    public void A_replay_that_dies_is_a_dead_letter_though_it_was_not_owed()
    {
        var consumer = New();
        consumer.Attach(Messages, cursor: null, logEnd: 5, Now, out _);

        consumer.Bury(new LetterEntry(1, Message, IsRedelivered: false), wasExpected: false);

        Assert.Equal([1L], consumer.ReadLetters(letters => letters.Sequences()));
    }

    private static Consumer New() => new(Key, stored: null);

    private static List<long> Included(ConnectionStart start, long through)
    {
        var included = new List<long>();
        for (var sequence = start.First + 1; sequence <= through; sequence++)
        {
            if (start.Includes(sequence, Message))
                included.Add(sequence);
        }

        return included;
    }
}
