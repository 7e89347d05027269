using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Tells the server what is to become of an event that was not handled. Without the extension it cannot be told, and sends the
/// event again when its ack is overdue; so it does where the connection is gone.
/// </summary>
/// <remarks>Thread-safe; never throws.</remarks>
internal sealed class FailedEvents(Uplink uplink, NackDelay growing)
{
    /// <summary>It may be handled later.</summary>
    /// <param name="failed">The event.</param>
    /// <param name="delay">Not before that; null for a delay that grows with its deliveries.</param>
    public async Task RetryAsync(VZapsEvent failed, TimeSpan? delay)
    {
        if (await TrySendAsync(NackFrame.Write(failed.Id, delay ?? growing.After(failed.DeliveryCount))).ConfigureAwait(false))
            ClientTelemetry.Nacked.Add(1);
    }

    /// <summary>It can never be handled.</summary>
    public async Task RejectAsync(VZapsEvent failed, string reason)
    {
        if (await TrySendAsync(RejectFrame.Write(failed.Id, reason)).ConfigureAwait(false))
            ClientTelemetry.Rejected.Add(1);
    }

    private async Task<bool> TrySendAsync(byte[] frame) =>
        uplink.Extended is { } connection && await uplink.TrySendAsync(connection, frame).ConfigureAwait(false);
}
