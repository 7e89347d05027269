using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Delivery;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Random histories of the segment log against a list: appends, reads, trims, power cuts, faults, reopening, damaged footers.</summary>
public sealed class LogHistoryTests
{
    private const int Steps = 120;
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(10);

    [Fact]
    public void The_log_is_what_a_list_would_be()
    {
        foreach (var seed in Histories.Seeds(usual: 60))
            Histories.Run(seed, random => new History(random).RunAsync().GetAwaiter().GetResult());
    }

    private sealed class History(Random random)
    {
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));
        private readonly LogModel[] _models = [new(InstanceId.New()), new(InstanceId.New()), new(InstanceId.New())];
        private readonly LogOptions _options = new() { RetentionAge = TimeSpan.FromHours(random.Next(2, 30)), SegmentBytes = 4096 * random.Next(3, 12), InstanceRetentionBytes = random.Next(5) == 0 ? 3_000 : 1 << 30 };
        private SimulatedDisk _disk = new();
        private SegmentLog? _log;

        public async Task RunAsync()
        {
            _log = Open();
            for (var step = 0; step < Steps; step++)
                await StepAsync();
            await _log.DisposeAsync();
        }

        private Task StepAsync() => random.Next(20) switch
        {
            < 10 => AppendAsync(),
            < 14 => CompareAsync(),
            14 => TrimAsync(),
            15 => ReopenAsync(cutsPower: false),
            16 => ReopenAsync(cutsPower: true),
            17 => DamageFooterAsync(),
            18 => FaultAsync(),
            _ => PassAsync(random.NextDouble() * LongestPause),
        };

        /// <summary>The log trims by itself as time passes; here it has when this is done.</summary>
        private async Task PassAsync(TimeSpan time)
        {
            _time.Advance(time);
            await TrimAsync();
        }

        private async Task AppendAsync()
        {
            var model = _models[random.Next(_models.Length)];
            var keys = Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(3) == 0 ? $"key {random.Next(400)}" : null).ToList();
            var drafts = keys.Select(key => Drafts.Of(model.Instance, EventType.Known[random.Next(3)], key, $$"""{"x":"{{new string('x', random.Next(400))}}"}""")).ToList();
            try
            {
                var result = await _log!.AppendAsync(model.Instance, drafts, default);
                model.Append(drafts, keys, result, _time.GetUtcNow());
            }
            catch (Exception refused) when (refused is EventLogUnavailableException or EventLogFullException)
            {
                // Of these nothing is known, until they are read.
                model.MayHold(drafts, keys, isUnknown: refused is EventLogUnavailableException);
            }
        }

        private async Task CompareAsync()
        {
            foreach (var model in _models)
                await model.CompareAsync(_log!, random);
        }

        private async Task TrimAsync()
        {
            if (_log!.Unwritable is not null)
                return;
            await _log.TrimAsync(default);
            // A mark that a file takes from the one before it keeps it as long again, from the trim that wrote it.
            var oldest = _time.GetUtcNow() - (2 * _options.RetentionAge) - LongestPause;
            if (_models.All(model => model.NewestAt < oldest))
                Assert.All(_models, model => Assert.Equal(0, _log.Count(model.Instance, EventTypeSet.All, 0)));
            await CompareAsync();
        }

        private async Task ReopenAsync(bool cutsPower)
        {
            var after = cutsPower ? _disk.CutPower(random) : null;
            await _log!.DisposeAsync();
            _disk = after ?? _disk.Copy();
            _log = Open();
            foreach (var model in _models)
                await model.SettleAsync(_log);
            await CompareAsync();
        }

        private async Task DamageFooterAsync()
        {
            await ReopenAsync(cutsPower: false);
            await _log!.DisposeAsync();
            var names = _disk.List().Where(name => SegmentFile.TryParseName(name, out _)).ToList();
            if (names.Count > 0)
            {
                var name = names[random.Next(names.Count)];
                Assert.True(SegmentFile.TryParseName(name, out var number));
                using var file = _disk.Open(name);
                if (FooterReader.TryRead(file, (uint)number) is { } footer)
                    _disk.Damage(name, random.NextInt64(footer.Trailer.RecordsEnd, file.Length));
            }

            _log = Open();
            await CompareAsync();
        }

        /// <summary>Some operation fails, some time later the process is killed, and the disk works again.</summary>
        private async Task FaultAsync()
        {
            await ReopenAsync(cutsPower: false);
            await _log!.DisposeAsync();
            var faults = Enum.GetValues<DiskFault>();
            _disk = _disk.Copy(random.Next(1, 30), faults[random.Next(faults.Length)]);
            try
            {
                _log = Open();
                for (var i = random.Next(12); i > 0; i--)
                    await AppendAsync();
                await CompareAsync();
            }
            catch (IOException)
            {
                // The start was refused.
            }

            await ReopenAsync(cutsPower: true);
        }

        private SegmentLog Open() => SegmentLog.Open(_disk, _options, new Nobody(), _time, NullLogger.Instance);
    }
}
