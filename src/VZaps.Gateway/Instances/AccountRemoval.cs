using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Instances;

/// <summary>What became of the removal of an account.</summary>
internal readonly record struct AccountRemovalResult(bool Removed, bool Existed, int Instances);

/// <summary>Removes an account, and its instances with it where that is meant.</summary>
internal sealed class AccountRemoval(IDbContextFactory<GatewayDatabase> databases)
{
    /// <summary>Removes the account if it has no instances, or with them if <paramref name="withInstances"/>.</summary>
    public async Task<AccountRemovalResult> RemoveAsync(string clientToken, bool withInstances, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var owned = database.Set<InstanceRow>().Where(row => row.Owner == clientToken);
        var count = await owned.CountAsync(cancellationToken);
        if (count > 0 && !withInstances)
            return new AccountRemovalResult(Removed: false, Existed: true, count);
        await owned.ExecuteDeleteAsync(cancellationToken);
        var removed = await database.Set<AccountRow>().Where(row => row.ClientToken == clientToken).ExecuteDeleteAsync(cancellationToken) > 0;
        await AccountStore.SayChangedAsync(database, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AccountRemovalResult(removed, removed, count);
    }
}
