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
        private readonly HashSet<long> _letters = []; // durable from the moment they are made
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
            switch (random.Next(14))
            {
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
            var start = _consumer.Attach(types, cursor: null, _log.Count, _time.GetUtcNow(), out var mustSave);
            if (mustSave)
                Save();
            var window = new DeliveryWindow(Window, new DeliverySchedule(TimeSpan.FromSeconds(30), MaxDeliveries: 3), _time, new Jitter(0));
            var info = new ReaderInfo("c", default, Key.Name, types, "", "", _time.GetUtcNow(), IsExtended: true);
            var account = new DeliveryAccount(info, _consumer, window, new WakeSignal(), (_, _) => { }, _time);
            _consumer.Add(account);
            _connections.Add(new Connection(account, window, start) { ReadThrough = start.First });
        }

        private void Send(Connection connection)
        {
            while (connection.ReadThrough < _log.Count && connection.Account.TakeRoom() > 0)
            {
                var sequence = ++connection.ReadThrough;
                var type = _log[(int)sequence - 1];
                if (!connection.Start.Types.Contains(type) || !connection.Start.Includes(sequence, type))
                    continue;
                Assert.True(sequence > connection.LastFirstDelivery, "first deliveries on a connection are in log order");
                connection.LastFirstDelivery = sequence;
                connection.Account.OpenNext(sequence, type);
                _sent[sequence] = true;
                Assert.InRange(connection.Window.Count, 1, Window);
            }
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
                        _acked.Add(each.Sequence);
                    foreach (var each in open.Where(each => each.Sequence <= sequence))
                        connection.Account.TryAck(each.Sequence);
                    break;
                default:
                    _acked.Add(sequence);
                    Assert.True(connection.Account.TryAck(sequence));
                    Assert.False(connection.Account.TryAck(sequence));
                    break;
            }
        }

        private void TakeDue(Connection connection)
        {
            var due = new List<DueDelivery>();
            connection.Account.TakeDue(due, int.MaxValue);
            foreach (var delivery in due.Where(delivery => delivery.Death is not null))
            {
                _letters.Add(delivery.Sequence);
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
        }

        /// <summary>What was not saved is lost; what is a letter stays one.</summary>
        private void Crash()
        {
            _connections.Clear();
            var letters = _letters.Except(_ackedAtSave).Select(sequence => new LetterEntry(sequence, _log[(int)sequence - 1], IsRedelivered: false)).ToList();
            _consumer = new Consumer(Key, _saved is null ? null : ConsumerStateFormat.Read(_saved), letters);
            _acked.IntersectWith(_ackedAtSave);
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
        public long ReadThrough { get; set; }

        public long LastFirstDelivery { get; set; }
    }
}
