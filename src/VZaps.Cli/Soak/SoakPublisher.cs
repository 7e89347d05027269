using System.Text.Json;
using System.Text.Json.Nodes;

namespace VZaps.Cli.Soak;

/// <summary>
/// Publishes batches of numbered events at a pace, each again until it is answered: the number is the idempotency key, so a batch whose answer
/// was lost makes no second events.
/// </summary>
internal sealed class SoakPublisher(VZapsEvents events, IReadOnlyList<SoakInstance> instances, double rate, Random random)
{
    private const int LargestBatch = 100;
    private const int LargestText = 200;
    private static readonly TimeSpan MostBehind = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(150);

    private long _repeats;

    /// <summary>How often a batch was sent again.</summary>
    public long Repeats => Interlocked.Read(ref _repeats);

    /// <summary>Publishes until it is stopped; the batch that is on its way is answered first.</summary>
    /// <param name="stopping">No batch is begun after this.</param>
    /// <param name="giveUp">Not even the last answer is waited for: its events count as never accepted.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken giveUp)
    {
        var started = TimeProvider.System.GetTimestamp();
        var due = TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            var count = random.Next(1, LargestBatch + 1);
            var instance = instances[random.Next(instances.Count)];
            await PublishAsync(instance, instance.Ledger.Claim(count), count, giveUp);
            // What was missed while the gateway was down is made up for, but not all of it at once.
            var now = TimeProvider.System.GetElapsedTime(started);
            due = Max(due + TimeSpan.FromSeconds(count / rate), now - MostBehind);
            if (due > now)
                await Task.Delay(due - now, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PublishAsync(SoakInstance instance, long first, int count, CancellationToken giveUp)
    {
        var request = new EventPublishRequest
        {
            InstanceId = instance.Ledger.InstanceId,
            InstanceToken = instance.Token,
            Events = [.. Enumerable.Range(0, count).Select(i => Event(first + i))],
        };
        while (true)
        {
            try
            {
                var result = await events.PublishAsync(request, giveUp);
                for (var i = 0; i < count; i++)
                    instance.Ledger.Accept(first + i, result.Ids[i]);
                return;
            }
            catch (VZapsException failure) when (failure is not VZapsAuthenticationException and not VZapsApiException { StatusCode: >= 400 and < 429 })
            {
                Interlocked.Increment(ref _repeats);
                await Task.Delay(RetryPause * (0.5 + random.NextDouble()), giveUp);
            }
        }
    }

    private PublishEvent Event(long number) => new()
    {
        Type = EventType.Known[random.Next(EventType.Known.Count)],
        Data = JsonSerializer.SerializeToElement(new JsonObject
        {
            ["event"] = new JsonObject { [SoakSubscriber.NumberField] = number, ["text"] = new string('x', random.Next(LargestText)) },
        }),
        IdempotencyKey = $"soak-{number}",
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

/// <summary>An instance of the soak.</summary>
internal sealed record SoakInstance(InstanceLedger Ledger, string Token);
