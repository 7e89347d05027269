namespace VZaps.Gateway.Instances;

/// <summary>Why a right ended.</summary>
internal enum RevocationKind
{
    /// <summary>Connections that were opened with one of the account's access tokens close (4001).</summary>
    AccountSecretRotated,

    /// <summary>All of the account's connections close (4001).</summary>
    AccountRemoved,

    /// <summary>All of the instance's connections close (4001).</summary>
    InstanceTokenRotated,

    /// <summary>All of the instance's connections close (4004).</summary>
    InstanceDeleted,
}

/// <summary>A right that ended; the directories hold the new state already.</summary>
/// <param name="Kind">Why.</param>
/// <param name="ClientToken">The account's, or that of the instance's owner.</param>
/// <param name="Instance">The instance, where it is one; else the default value.</param>
/// <param name="Version">The new secret or token version; what is older is void. <see cref="long.MaxValue"/> where nothing is left.</param>
internal readonly record struct Revocation(RevocationKind Kind, string ClientToken, InstanceId Instance, long Version);

/// <summary>Told of revocations; must return soon and never throw.</summary>
internal interface IRevocationListener
{
    void OnRevoked(Revocation revocation);
}

/// <summary>Passes revocations on to whoever listens. Thread-safe.</summary>
/// <remarks>Who opens something for a credential registers it first and then looks into the directories once more: what was
/// revoked in between had nobody to tell.</remarks>
internal sealed class Revocations
{
    private readonly Lock _gate = new();
    private volatile IRevocationListener[] _listeners = [];

    /// <summary>Adds a listener, for good.</summary>
    public void Add(IRevocationListener listener)
    {
        lock (_gate)
            _listeners = [.. _listeners, listener];
    }

    public void Announce(Revocation revocation)
    {
        foreach (var listener in _listeners)
            listener.OnRevoked(revocation);
    }
}
