using System.Globalization;
using System.Text.Json;

namespace VZaps.Cli.Demo.Phone;

/// <summary>Publishes the conversation to the gateway, one event after the other, over HTTP as any source would.</summary>
internal sealed class SimulatedPhone(VZapsEvents events, DemoAddress address, EventTally tally, TimeProvider time)
{
    private const int MaxTries = 5;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Publishes until there is no more or it is stopped; completes without an exception when it was stopped.</summary>
    /// <param name="conversation">What to publish.</param>
    /// <param name="pause">The time before each event; null for the time that a person takes.</param>
    /// <param name="stopping">Ends it between two events: one that is on its way is waited for, so that the account closes.</param>
    /// <exception cref="VZapsException">The gateway did not take an event.</exception>
    public async Task RunAsync(IEnumerable<PhoneEvent> conversation, TimeSpan? pause, CancellationToken stopping)
    {
        var number = 0L;
        foreach (var next in conversation)
        {
            try
            {
                await Task.Delay(pause ?? next.Pause, time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            tally.Published(await PublishAsync(next, ++number));
        }
    }

    private async Task<string> PublishAsync(PhoneEvent next, long number)
    {
        var request = new EventPublishRequest
        {
            InstanceId = address.InstanceId,
            InstanceToken = address.InstanceToken,
            Events =
            [
                new PublishEvent
                {
                    Type = next.Type,
                    Data = JsonSerializer.SerializeToElement(next.Data),
                    // A try whose answer was lost must not make a second event.
                    IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"phone-{number}"),
                },
            ],
            File = next.Picture is { } picture ? new PublishFile(new MemoryStream(picture, writable: false)) { MimeType = Snapshot.MimeType } : null,
        };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (await events.PublishAsync(request, CancellationToken.None)).Ids[0];
            }
            catch (VZapsException) when (attempt < MaxTries)
            {
                await Task.Delay(RetryPause * attempt, time, CancellationToken.None);
            }
        }
    }
}
