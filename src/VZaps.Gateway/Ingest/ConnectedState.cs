using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Ingest;

/// <summary>
/// Keeps <c>connected</c> of the instances as their last <c>Connected</c> or <c>Disconnected</c> event says, whatever
/// source it came from. Thread-safe.
/// </summary>
internal sealed class ConnectedState(InstanceDirectory instances) : ICommitListener
{
    private static readonly int Connected = EventType.Connected.Index;
    private static readonly EventTypeSet Both = EventTypeSet.Of(EventType.Connected, EventType.Disconnected);
    private static readonly LogPageLimits Page = new(MaxEvents: 1_000, MaxBytes: 4 << 20);

    public void OnCommitted(InstanceId instance, ReadOnlySpan<Envelope> envelopes)
    {
        for (var i = envelopes.Length - 1; i >= 0; i--)
        {
            if (!Both.Contains(envelopes[i].TypeIndex))
                continue;
            instances.SetConnected(instance, envelopes[i].TypeIndex == Connected, envelopes[i].Position.Sequence);
            return;
        }
    }

    /// <summary>Reads what a crash kept from being saved: the events behind the last saved one.</summary>
    public async Task CatchUpAsync(IEventLog log, CancellationToken cancellationToken)
    {
        foreach (var instance in instances.All)
        {
            var after = instance.ConnectedAsOf;
            if (after > log.GetRange(instance.Id).LastSequence)
            {
                instances.ForgetConnected(instance.Id);
                after = 0;
            }

            while (true)
            {
                var page = await log.ReadAsync(instance.Id, after, Both, Page, cancellationToken);
                OnCommitted(instance.Id, [.. page.Envelopes]);
                after = page.ReadThrough;
                page.Memory?.Return();
                if (page.ReachedEnd)
                    break;
            }
        }
    }
}
