using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Delivery;

/// <summary>Forgets the consumers of an instance that is deleted.</summary>
internal sealed partial class ConsumerRemoval(ConsumerDirectory consumers, ConsumerStore store, DeadLetterStore letters, ILogger<ConsumerRemoval> logger) : IRevocationListener
{
    public void OnRevoked(Revocation revocation)
    {
        if (revocation.Kind != RevocationKind.InstanceDeleted)
            return;
        consumers.ForgetAllOf(revocation.Instance);
        _ = RemoveAsync(revocation.Instance);
    }

    private async Task RemoveAsync(InstanceId instance)
    {
        try
        {
            await store.DeleteAllOfAsync(instance, CancellationToken.None);
            await letters.DeleteAllOfAsync(instance, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Rows without an instance do no harm: ids are never given out twice.
            LogFailed(logger, exception, instance);
        }
    }

    [LoggerMessage(2202, LogLevel.Warning, "The consumers of the deleted instance {InstanceId} could not be removed from the database.")]
    private static partial void LogFailed(ILogger logger, Exception exception, InstanceId instanceId);
}
