using System.Text.Json;
using VZaps.Client.Auth;
using VZaps.Client.Http;

namespace VZaps;

/// <summary>The account's instances.</summary>
/// <remarks>
/// Thread-safe. Every call throws <see cref="VZapsAuthenticationException"/> where the credentials are refused,
/// <see cref="VZapsRateLimitException"/> on 429, <see cref="VZapsTimeoutException"/> where no answer came in time,
/// <see cref="VZapsApiException"/> on any other refusal, and <see cref="VZapsException"/> where the server was not reached. Cancelling
/// ends the wait; the server may have done what was asked.
/// </remarks>
public sealed class VZapsInstances
{
    private readonly AuthorizedApi _api;

    internal VZapsInstances(AuthorizedApi api) => _api = api;

    /// <summary>Makes an instance. Its token is in the answer, and can be had later only by rotating it.</summary>
    public Task<VZapsInstance> CreateAsync(CreateInstanceRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, ClientJson.Default.CreateInstanceRequest);
        return _api.SendAsync(new ApiCall(HttpMethod.Put, "/instances/create", body), ClientJson.Default.VZapsInstance, cancellationToken);
    }

    /// <summary>The first 50 instances in the server's order.</summary>
    public Task<InstancePage> ListAsync(CancellationToken cancellationToken = default) => ListAsync(new ListInstancesRequest(), cancellationToken);

    /// <summary>One page of instances.</summary>
    public Task<InstancePage> ListAsync(ListInstancesRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, ClientJson.Default.ListInstancesRequest);
        return _api.SendAsync(new ApiCall(HttpMethod.Post, "/instances/list", body) { IsRead = true }, ClientJson.Default.InstancePage, cancellationToken);
    }

    /// <summary>One instance.</summary>
    public Task<VZapsInstance> GetAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var body = JsonSerializer.SerializeToUtf8Bytes(new InstanceIdBody(instanceId), ClientJson.Default.InstanceIdBody);
        return _api.SendAsync(new ApiCall(HttpMethod.Post, "/instances/get", body) { IsRead = true }, ClientJson.Default.VZapsInstance, cancellationToken);
    }

    /// <summary>Changes an instance and gives its new state.</summary>
    public Task<VZapsInstance> UpdateAsync(string instanceId, UpdateInstanceRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, ClientJson.Default.UpdateInstanceRequest);
        return _api.SendAsync(new ApiCall(HttpMethod.Patch, Route(instanceId), body), ClientJson.Default.VZapsInstance, cancellationToken);
    }

    /// <summary>Deletes an instance with its events; its realtime connections are closed with 4004.</summary>
    public Task DeleteAsync(string instanceId, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Delete, Route(instanceId), null), cancellationToken);

    /// <summary>
    /// Gives the instance a new token, which is in the answer. The old one is void, and connections opened with it are closed with 4001.
    /// </summary>
    public Task<VZapsInstance> RotateTokenAsync(string instanceId, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Post, Route(instanceId) + "/token/rotate", null), ClientJson.Default.VZapsInstance, cancellationToken);

    private static string Route(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return "/instances/" + Uri.EscapeDataString(instanceId);
    }
}
