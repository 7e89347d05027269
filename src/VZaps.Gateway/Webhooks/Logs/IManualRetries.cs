namespace VZaps.Gateway.Webhooks;

/// <summary>Who delivers once more what somebody asks for.</summary>
internal interface IManualRetries
{
    /// <summary>Asks for a delivery to be attempted once more, whatever became of it; completes when a restart would not forget it.</summary>
    /// <param name="endpointId">Its endpoint, which is not deleted; it may be disabled.</param>
    /// <param name="deliveryId">The delivery, whose event is still to be had.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the delivery or the endpoint is gone.</returns>
    Task<bool> AskAsync(long endpointId, long deliveryId, CancellationToken cancellationToken);
}
