using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

/// <summary>
/// Random histories of one consumer with several connections, disconnects, saves and crashes: nothing that was acked is lost
/// from the account, nothing that was not is forgotten, the window is never exceeded, and the position never passes an
/// event that was neither acked nor kept as a dead letter.
/// </summary>
public sealed class AccountHistoryTests
{
    private const int Steps = 80;
    private const int Window = 4;
    private const int Types = 3;

    [Fact]
    public void Whatever_happens_to_its_connections_a_consumer_forgets_nothing_that_was_not_acked()
    {
        foreach (var seed in Histories.Seeds(5_000))
        {
            Histories.Run(seed, random =>
            {
                using var history = new History(random);
                history.Run();
            });
        }
    }

    private sealed class History(Random random) : IDisposable
    {
        private static readonly ConsumerKey Key = new(InstanceId.New(), ConsumerName.Default);
        private readonly FakeTimeProvider _time = new();
        private readonly List<byte> _log = []; // the type of each event; sequences from 1
        private readonly List<Connection> _connections = [];
        private readonly HashSet<long> _acked = [];
        private readonly HashSet<long> _letters = []; // durable from the moment they are made, and until an ack of them is saved
        private readonly HashSet<long> _ackedLetters = [];
        private readonly SortedDictionary<long, bool> _sent = []; // ever sent, or owed by the durable state
        private Consumer _consumer = new(Key, stored: null);
        private byte[]? _saved;
        private HashSet<long> _ackedAtSave = [];

        public void Run()
        {
            for (var step = 0; step < Steps; step++)
            {
                Step();
                Check();
            }
        }

        public void Dispose() => _consumer.Dispose();

        private void Step()
        {
            switch (random.Next(17))
            {
                case 14 when _connections.Count == 0 && random.Next(3) == 0:
                    Seek(random.NextInt64(0, _log.Count + 1));
                    break;
                case 15:
                    RedeliverLetters();
                    break;
                case 16:
                    // A handshake that read the log's end some time ago.
                    _consumer.ClampTo(random.NextInt64(0, _log.Count + 1) is var end && _connections.Count > 0 ? end : _log.Count);
                    break;
                case 0 or 1 or 2:
                    _log.Add((byte)random.Next(Types));
                    break;
                case 3 when _connections.Count < 3:
                    Connect();
                    break;
                case 4 when _connections.Count > 0:
                    Disconnect(_connections[random.Next(_connections.Count)]);
                    break;
                case 5 when random.Next(3) == 0:
                    Crash();
                    break;
                case 6:
                    Save();
                    break;
                case 7 or 8 when _connections.Count > 0:
                    Answer(_connections[random.Next(_connections.Count)]);
                    break;
                case 9:
                    _time.Advance(TimeSpan.FromSeconds(random.Next(120)));
                    _connections.ForEach(TakeDue);
                    break;
                default:
                    _connections.ForEach(Send);
                    break;
            }
        }

        private void Connect()
        {
            var bits = random.Next(1, 1 << Types);
            var types = EventTypeSet.FromBits(bits);
            long? cursor = random.Next(4) == 0 ? types.Indexes().Select(_consumer.HeadOf).Min() is var head && head != long.MaxValue ? random.NextInt64(0, head + 1) : null : null;
            // What a cursor skips is the business of the attachment; here it replays.
            if (cursor is { } skipTo && _consumer.OwedThrough(types, skipTo).Count > 0)
                cursor = null;
            var start = _consumer.Attach(types, cursor, _log.Count, _time.GetUtcNow(), out var mustSave);
            if (mustSave)
                Save();
            var window = new DeliveryWindow(Window, new DeliverySchedule(TimeSpan.FromSeconds(30), MaxDeliveries: 3), _time, new Jitter(0));
            var info = new ReaderInfo("c", default, Key.Name, types, "", "", _time.GetUtcNow(), IsExtended: true);
            var account = new DeliveryAccount(info, _consumer, start, window, new WakeSignal(), (_, _) => { }, _time);
            _consumer.Add(account);
            _connections.Add(new Connection(account, window, start) { LastFirstDelivery = start.First });
        }

        private void Seek(long after)
        {
            _consumer.MoveTo(after);
            Save();
            // What follows is to be handled again, and nobody asks for the rest any more.
            _acked.RemoveWhere(sequence => sequence > after);
            _ackedAtSave = [.. _acked];
            foreach (var sequence in _sent.Keys.ToList())
                _sent.Remove(sequence);
        }

        private void RedeliverLetters()
        {
            var letters = _consumer.ReadLetters(index => index.Sequences());
            if (letters.Count == 0)
                return;
            _consumer.Redeliver([letters[random.Next(letters.Count)]]);
            foreach (var connection in _connections)
            {
                foreach (var letter in connection.Account.TakeRedeliveries(connection.Account.TakeRoom()))
                {
                    if (connection.Account.TryOpenLetter(letter))
                        Assert.InRange(connection.Window.Count, 1, Window);
                }
            }
        }

        private void Send(Connection connection)
        {
            while (connection.Account.ReadThrough < _log.Count && connection.Account.TakeRoom() > 0)
            {
                var sequence = connection.Account.ReadThrough + 1;
                var type = _log[(int)sequence - 1];
                if (!connection.Start.Types.Contains(type) || !connection.Start.Includes(sequence, type) || connection.Account.IsOut(sequence))
                {
                    Passed(connection, sequence);
                    continue;
                }

                Assert.True(sequence > connection.LastFirstDelivery, "first deliveries on a connection are in log order");
                connection.LastFirstDelivery = sequence;
                connection.Account.OpenNext(sequence, type);
                if (!connection.Start.IsReplay(sequence, type))
                    _sent[sequence] = true;
                Assert.InRange(connection.Window.Count, 1, Window);
                Passed(connection, sequence);
            }
        }

        private void Passed(Connection connection, long sequence)
        {
            _consumer.Pass(connection.Start.Types, sequence);
            connection.Account.ReadThrough = connection.Start.NextToRead(sequence);
        }

        private void Answer(Connection connection)
        {
            var open = connection.Window.Snapshot();
            if (open.Count == 0)
                return;
            var sequence = open[random.Next(open.Count)].Sequence;
            switch (random.Next(6))
            {
                case 0:
                    connection.Account.TryNack(sequence, TimeSpan.FromSeconds(random.Next(60)));
                    break;
                case 1 when random.Next(3) == 0:
                    connection.Account.TryReject(sequence, reason: null);
                    TakeDue(connection);
                    break;
                case 2:
                    foreach (var each in open.Where(each => each.Sequence <= sequence))
                    {
                        NoteAck(each.Sequence);
                        connection.Account.TryAck(each.Sequence, out _);
                    }


                    break;
                default:
                    NoteAck(sequence);
                    Assert.True(connection.Account.TryAck(sequence, out _));
                    Assert.False(connection.Account.TryAck(sequence, out _));
                    break;
            }
        }

        private void NoteAck(long sequence)
        {
            _acked.Add(sequence);
            if (_letters.Contains(sequence))
                _ackedLetters.Add(sequence);
        }

        private void TakeDue(Connection connection)
        {
            var due = new List<DueDelivery>();
            connection.Account.TakeDue(due, int.MaxValue);
            foreach (var delivery in due.Where(delivery => delivery.Death is not null))
            {
                Assert.False(_acked.Contains(delivery.Sequence) && !delivery.IsReplay, $"{delivery.Sequence} was acked, and dies");
                _letters.Add(delivery.Sequence);
                _ackedLetters.Remove(delivery.Sequence);
                _acked.Remove(delivery.Sequence); // a replay may have been, before
                _consumer.Bury(new LetterEntry(delivery.Sequence, delivery.TypeIndex, IsRedelivered: false), wasExpected: !delivery.IsReplay);
                connection.Account.CloseDead(delivery.Sequence);
            }

            foreach (var delivery in due.Where(delivery => delivery.Death is null))
                Assert.False(_acked.Contains(delivery.Sequence) && !delivery.IsReplay, $"{delivery.Sequence} was acked, and is sent again");
        }

        private void Disconnect(Connection connection)
        {
            _consumer.Remove(connection.Account, _time.GetUtcNow());
            _connections.Remove(connection);
        }

        private void Save()
        {
            _saved = ConsumerStateFormat.Write(_consumer.Snapshot());
            _ackedAtSave = [.. _acked];
            _letters.ExceptWith(_ackedLetters);
            _ackedLetters.Clear();
        }

        /// <summary>What was not saved is lost; what is a letter stays one.</summary>
        private void Crash()
        {
            _connections.Clear();
            var letters = _letters.Select(sequence => new LetterEntry(sequence, _log[(int)sequence - 1], IsRedelivered: false)).ToList();
            _consumer = new Consumer(Key, _saved is null ? null : ConsumerStateFormat.Read(_saved), letters);
            _acked.IntersectWith(_ackedAtSave);
            _ackedLetters.Clear();
        }

        private void Check()
        {
            var state = _consumer.Snapshot();
            foreach (var type in state.Types)
            {
                Assert.DoesNotContain(type.Owed, _acked.Contains);
                Assert.All(type.Owed, sequence => Assert.True(sequence <= type.Head));
            }

            // Whatever was sent and not acked is owed, or behind a head that will send it again, or a letter.
            foreach (var sequence in _letters.Except(_ackedLetters))
                Assert.True(_consumer.ReadLetters(index => index.Contains(sequence)), $"the dead letter {sequence} is gone");
            foreach (var (sequence, _) in _sent)
            {
                var type = state.Types.FirstOrDefault(each => each.TypeIndex == _log[(int)sequence - 1]);
                var isPassed = type is null || sequence <= type.Head;
                if (type is not null && isPassed && !_acked.Contains(sequence) && !_letters.Contains(sequence))
                    Assert.Contains(sequence, type.Owed);
            }
        }
    }

    private sealed record Connection(DeliveryAccount Account, DeliveryWindow Window, ConnectionStart Start)
    {
        public long LastFirstDelivery { get; set; }
    }
}
