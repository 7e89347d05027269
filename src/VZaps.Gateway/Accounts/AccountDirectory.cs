using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Accounts;

/// <summary>All accounts, in memory, as the table had them at the last refresh. Thread-safe.</summary>
internal sealed class AccountDirectory(IDbContextFactory<GatewayDatabase> databases) : IDisposable
{
    private readonly record struct Entry(Account Account, byte[] SecretHash);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile FrozenDictionary<string, Entry> _entries = FrozenDictionary<string, Entry>.Empty;
    private long _version;

    private volatile Action<AccountChange>[] _listeners = [];

    /// <summary>Adds a listener, for good: told of each change after the directory holds it. It must return soon and not throw.</summary>
    public void Listen(Action<AccountChange> listener)
    {
        lock (_refreshing)
            _listeners = [.. _listeners, listener];
    }

    public int Count => _entries.Count;

    public bool TryGet(string clientToken, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Account? account)
    {
        account = _entries.TryGetValue(clientToken, out var entry) ? entry.Account : null;
        return account is not null;
    }

    /// <summary>The account of a token and its secret; null where the two do not belong together.</summary>
    public Account? TryGetBySecret(string clientToken, string clientSecret)
    {
        if (_entries.TryGetValue(clientToken, out var entry))
            return Secret.Matches(entry.SecretHash, clientSecret) ? entry.Account : null;

        // As much work as for an account that is there, so that the time tells nothing.
        Secret.Matches(NoHash, clientSecret);
        return null;
    }

    /// <summary>Takes over what the table holds, if anything changed since the last time.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var version = await database.Set<AccountsVersionRow>().Select(row => row.Version).SingleAsync(cancellationToken);
            if (version == _version)
                return;
            // The rows are read after the version: they may be newer, and then the next refresh reads them once more.
            var rows = await database.Set<AccountRow>().AsNoTracking().ToListAsync(cancellationToken);
            var before = _entries;
            _entries = rows.ToFrozenDictionary(row => row.ClientToken, row => new Entry(row.ToAccount(), row.SecretHash));
            _version = version;
            Announce(before, _entries);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();

    private static readonly byte[] NoHash = new byte[32];

    private void Announce(FrozenDictionary<string, Entry> before, FrozenDictionary<string, Entry> after)
    {
        foreach (var (token, old) in before)
        {
            // One that was removed and added again in between is another account of the same token.
            if (!after.TryGetValue(token, out var now) || now.Account.CreatedAt != old.Account.CreatedAt)
                Tell(new AccountChange(AccountChangeKind.Removed, old.Account));
        }

        foreach (var (token, now) in after)
        {
            if (!before.TryGetValue(token, out var old) || now.Account.CreatedAt != old.Account.CreatedAt)
                Tell(new AccountChange(AccountChangeKind.Added, now.Account));
            else if (old.Account.SecretVersion != now.Account.SecretVersion)
                Tell(new AccountChange(AccountChangeKind.SecretRotated, now.Account));
        }
    }

    private void Tell(AccountChange change)
    {
        foreach (var listener in _listeners)
            listener(change);
    }
}
