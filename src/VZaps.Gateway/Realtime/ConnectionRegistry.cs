using Microsoft.Extensions.Options;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// The live connections: counted against the limits, and closed when what let them in is revoked. Thread-safe.
/// </summary>
internal sealed class ConnectionRegistry(
    AccountDirectory accounts, InstanceDirectory instances, IOptions<LimitsOptions> limits) : IRevocationListener
{
    private readonly Lock _lock = new();
    private readonly Dictionary<InstanceId, HashSet<RealtimeConnection>> _byInstance = [];
    private readonly Dictionary<string, int> _countByAccount = [];

    /// <summary>How many live connections there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _countByAccount.Values.Sum();
        }
    }

    /// <summary>All live connections now.</summary>
    public IReadOnlyList<RealtimeConnection> All
    {
        get
        {
            lock (_lock)
                return [.. _byInstance.Values.SelectMany(connections => connections)];
        }
    }

    /// <summary>Adds a connection that is about to be accepted.</summary>
    /// <exception cref="ProblemException">429, or 401 where its credential was revoked since it was checked.</exception>
    public void Add(RealtimeConnection connection)
    {
        var (account, instance) = (connection.Info.Access.Account.ClientToken, connection.Info.Access.Instance.Id);
        lock (_lock)
        {
            var ofInstance = _byInstance.GetValueOrDefault(instance);
            var ofAccount = _countByAccount.GetValueOrDefault(account);
            if (ofInstance?.Count >= limits.Value.ConnectionsPerInstance)
                throw RealtimeProblems.TooManyOfInstance(limits.Value.ConnectionsPerInstance).ToException();
            if (ofAccount >= limits.Value.ConnectionsPerAccount)
                throw RealtimeProblems.TooManyOfAccount(limits.Value.ConnectionsPerAccount).ToException();
            if (ofInstance is null)
                _byInstance[instance] = ofInstance = [];
            ofInstance.Add(connection);
            _countByAccount[account] = ofAccount + 1;
        }

        // From here on a revocation finds the connection; one that came before did not.
        if (IsStillGood(connection.Info.Access))
            return;
        Remove(connection);
        throw RealtimeProblems.Revoked.ToException();
    }

    /// <summary>Removes a connection that has ended; one that is not there is no mistake.</summary>
    public void Remove(RealtimeConnection connection)
    {
        var (account, instance) = (connection.Info.Access.Account.ClientToken, connection.Info.Access.Instance.Id);
        lock (_lock)
        {
            if (!_byInstance.TryGetValue(instance, out var ofInstance) || !ofInstance.Remove(connection))
                return;
            if (ofInstance.Count == 0)
                _byInstance.Remove(instance);
            if (--_countByAccount[account] == 0)
                _countByAccount.Remove(account);
        }
    }

    public void OnRevoked(Revocation revocation)
    {
        var (code, text) = revocation.Kind == RevocationKind.InstanceDeleted
            ? (CloseCode.InstanceDeleted, "instance deleted")
            : (CloseCode.CredentialRevoked, "credential revoked");
        foreach (var connection in All)
        {
            if (IsMeant(revocation, connection.Info.Access))
                connection.Close(code, text);
        }
    }

    private static bool IsMeant(Revocation revocation, RealtimeAccess access) => revocation.Kind switch
    {
        RevocationKind.AccountRemoved => access.Account.ClientToken == revocation.ClientToken,
        RevocationKind.AccountSecretRotated =>
            access.Account.ClientToken == revocation.ClientToken && access.ByAccessToken && access.Account.SecretVersion < revocation.Version,
        _ => access.Instance.Id == revocation.Instance && access.Instance.TokenVersion < revocation.Version,
    };

    private bool IsStillGood(RealtimeAccess access) =>
        instances.TryGet(access.Instance.Id, out var instance) && instance.TokenVersion == access.Instance.TokenVersion
        && accounts.TryGet(access.Account.ClientToken, out var account)
        && (!access.ByAccessToken || account.SecretVersion == access.Account.SecretVersion);
}
