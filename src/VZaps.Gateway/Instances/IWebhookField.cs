using VZaps.Gateway.Http;

namespace VZaps.Gateway.Instances;

/// <summary>The field <c>webhook</c> of an instance: the URL of its default endpoint. Both are saved in one transaction, so that they always agree.</summary>
internal interface IWebhookField
{
    /// <summary>Makes an instance that has one.</summary>
    /// <exception cref="ProblemException">400: its URL may not be called.</exception>
    Task<Instance> CreateAsync(Instance instance, CancellationToken cancellationToken);

    /// <summary>Changes an instance and its webhook; null where the instance is gone.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="change">What else changes.</param>
    /// <param name="url">The URL that was given; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProblemException">400: the URL may not be called.</exception>
    Task<Instance?> UpdateAsync(InstanceId id, Func<Instance, Instance> change, string? url, CancellationToken cancellationToken);
}
