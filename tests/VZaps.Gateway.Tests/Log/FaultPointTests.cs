using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>
/// Every operation of the disk, in each thing that the log does: it fails (a write after half of its bytes), it finds no room, or it is the last
/// before a power cut, of which each is tried with several outcomes. What was answered is there after it.
/// </summary>
public sealed class FaultPointTests
{
    private const int BatchSize = 3, CutsAtEach = 2, SeedsAtEach = 4;
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId[] _instances = [InstanceId.New(), InstanceId.New()];

    /// <summary>What is done, and how many operations it has at least: a test that tries too few would say nothing.</summary>
    public static TheoryData<string, int> Phases => new()
    {
        { "append", 12 },
        { "roll", 40 },
        { "footer", 3 },
        { "retention", 12 },
        { "keys", 20 },
        { "recovery", 3 },
        { "salvage", 10 },
    };

    public static TheoryData<string, int, string> PhasesAndFaults
    {
        get
        {
            var all = new TheoryData<string, int, string>();
            foreach (var row in Phases)
            {
                foreach (var fault in Enum.GetNames<DiskFault>())
                    all.Add(row.Data.Item1, row.Data.Item2, fault);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(PhasesAndFaults))]
    public async Task What_was_answered_is_there_whichever_operation_fails(string phase, int least, string faultName)
    {
        var (fault, cuts, failAt) = (Enum.Parse<DiskFault>(faultName), 0, 1);
        for (; ; failAt++)
        {
            var scenario = new Scenario(_instances, phase);
            await scenario.PrepareAsync();
            scenario.FailAt(failAt, fault);
            await scenario.ActAsync();
            var wasHit = scenario.Disk.FaultWasHit;
            Assert.Equal(0, scenario.Disk.OpenFiles);
            for (var seed = 0; seed < (wasHit ? CutsAtEach : 1); seed++, cuts++)
                await scenario.AssertAfterAsync(scenario.Disk.CutPower(new Random((failAt * SeedsAtEach) + seed)));
            if (!wasHit)
                break;
        }

        FaultPoints.Tell($"{phase}, {fault}", failAt - 1, cuts);
        Assert.True(failAt > least, $"only {failAt - 1} operations were tried");
    }

    private sealed class Scenario(InstanceId[] instances, string phase)
    {
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));
        private readonly Dictionary<string, (int Batch, EventPosition Position)> _answered = [];
        private (InstanceKey Instance, long Sequence)? _damaged;
        private DiskFault _fault;
        private int _batch;

        public SimulatedDisk Disk { get; private set; } = new();

        public void FailAt(int operation, DiskFault fault) => (Disk, _fault) = (Disk.Copy(operation, fault), fault);

        /// <summary>What is there before.</summary>
        public async Task PrepareAsync()
        {
            if (phase == "append")
                return;
            await using (var log = Open(Disk))
                await AppendAsync(log, phase is "roll" or "footer" ? 3 : 10);
            if (phase == "recovery")
                await TearAsync();
            if (phase == "salvage")
                DamageARecord();
            if (phase is "retention" or "keys")
                _time.Advance(TimeSpan.FromHours(73));
            if (phase != "keys")
                return;
            await using (var log = Open(Disk))
                await log.TrimAsync(default); // to files of keys
            _time.Advance(KeyFiles.KeyAge - TimeSpan.FromHours(74));
            await using (var log = Open(Disk))
                await AppendAsync(log, 6);
        }

        /// <summary>What is done while the disk fails.</summary>
        public async Task ActAsync()
        {
            try
            {
                await using var log = Open(Disk, skipDamage: phase == "salvage");
                switch (phase)
                {
                    case "append":
                        await AppendAsync(log, 4);
                        break;
                    case "roll":
                        await AppendAsync(log, 14);
                        break;
                    case "footer":
                        await AppendAsync(log, 1);
                        _time.Advance(TimeSpan.FromHours(10)); // old enough to be ended, and not to go
                        await log.TrimAsync(default);
                        break;
                    case "keys":
                        _time.Advance(TimeSpan.FromHours(73)); // the events of the last six go, and the keys of the first ten
                        await log.TrimAsync(default);
                        await log.TrimAsync(default);
                        break;
                    default:
                        await log.TrimAsync(default);
                        await AppendAsync(log, 1);
                        break;
                }
            }
            catch (Exception refused) when (refused is IOException or EventLogUnavailableException or EventLogFullException)
            {
                // The disk failed: nothing more is done.
            }
        }

        /// <summary>What a start on that disk finds.</summary>
        public async Task AssertAfterAsync(SimulatedDisk disk)
        {
            await using (var log = Open(disk, skipDamage: phase == "salvage"))
            {
                foreach (var instance in instances)
                    await AssertEventsAsync(log, instance);
                await AssertKeysAsync(log);
                await log.TrimAsync(default);
                await AssertKeysAsync(log);
            }

            if (phase != "salvage")
                Assert.All(LogVerification.Run(disk), verdict => Assert.Empty(verdict.Damage));
            await Open(disk).DisposeAsync();
            Assert.Equal(0, disk.OpenFiles);
        }

        private async Task AssertEventsAsync(SegmentLog log, InstanceId instance)
        {
            var kept = new HashSet<EventPosition>();
            for (LogPage page = new([], 0, 0, false); !page.ReachedEnd;)
            {
                page = await log.ReadAsync(instance, page.ReadThrough, EventTypeSet.All, Page, default);
                kept.UnionWith(page.Envelopes.Select(envelope => envelope.Position));
            }

            var range = log.GetRange(instance);
            var answered = _answered.Values.Select(one => one.Position).Where(position => position.BelongsTo(instance)).ToList();
            Assert.Subset(kept, answered.Where(position => position.Sequence >= range.FirstSequence && !IsDamaged(position)).ToHashSet());
            Assert.True(range.LastSequence >= answered.Select(position => position.Sequence).DefaultIfEmpty().Max(), "a sequence would be given out twice");
            if (_damaged is null)
                Assert.Equal(0, kept.Count % BatchSize); // no request by half
        }

        private async Task AssertKeysAsync(SegmentLog log)
        {
            // A disk without room may cost a file's keys when the file goes, and that is said.
            if (phase is "retention" or "keys" && _fault is not (DiskFault.Failure or DiskFault.PowerCut))
                return;
            foreach (var (key, (batch, position)) in _answered)
            {
                if (_time.GetUtcNow() - position.AppendedAt > KeyFiles.KeyAge || IsDamaged(position))
                    continue;
                var instance = InstanceOf(batch);
                var again = await log.AppendAsync(instance, [Drafts.Of(instance, EventType.Message, key)], default);
                Assert.Equal(position, again.Positions[0]);
            }
        }

        private bool IsDamaged(EventPosition position) =>
            _damaged is var (instance, sequence) && position.Sequence == sequence && position.BelongsTo(instance.ToInstance());

        /// <summary>A request that was never answered, of which the last bytes are missing.</summary>
        private async Task TearAsync()
        {
            await using (var log = Open(Disk))
                await AppendAsync(log, 1);
            foreach (var key in _answered.Where(one => one.Value.Batch == _batch - 1).Select(one => one.Key).ToList())
                _answered.Remove(key);
            var name = Disk.List().Max(StringComparer.Ordinal)!;
            Assert.True(SegmentFile.TryParseName(name, out var number));
            Disk = Disk.Torn(name, SegmentScan.Check(Disk.Content(name), (uint)number).End - 20);
        }

        private void DamageARecord()
        {
            var bytes = Disk.Content(SegmentFile.NameOf(2));
            Assert.True(RecordFormat.TryRead(bytes.AsSpan(FileHeader.Length), 2, out var header));
            _damaged = (InstanceKey.Read(RecordFormat.Instance(bytes.AsSpan(FileHeader.Length))), header.Sequence);
            Disk.Damage(SegmentFile.NameOf(2), FileHeader.Length + RecordFormat.HeaderLength + 5);
        }

        private InstanceId InstanceOf(int batch) => instances[batch % instances.Length];

        private async Task AppendAsync(SegmentLog log, int batches)
        {
            for (var i = 0; i < batches; i++)
            {
                var batch = _batch++;
                var keys = Enumerable.Range(0, BatchSize).Select(n => $"batch {batch}, {n}").ToList();
                var result = await log.AppendAsync(InstanceOf(batch), [.. keys.Select(key => Drafts.Of(InstanceOf(batch), EventType.Message, key))], default);
                for (var n = 0; n < BatchSize; n++)
                    _answered[keys[n]] = (batch, result.Positions[n]);
            }
        }

        private SegmentLog Open(SimulatedDisk disk, bool skipDamage = false) => SegmentLog.Open(
            disk, new LogOptions { SegmentBytes = 8 * 1024, SkipCorruptFiles = skipDamage }, new Nobody(), _time, NullLogger.Instance);
    }
}
