using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Accounts;

/// <summary>A secret that is shown once.</summary>
internal sealed record AccountCredentials(string ClientToken, string ClientSecret);

/// <summary>Writes the accounts' table, from the server or from a command line beside it. Each change is durable when it returns.</summary>
internal sealed class AccountStore(IDbContextFactory<GatewayDatabase> databases, TimeProvider time)
{
    public static AccountCredentials NewCredentials() => new(Secret.NewPublic("vzc_"), Secret.New("vzs_"));

    public async Task<IReadOnlyList<Account>> ListAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<AccountRow>().AsNoTracking().OrderBy(row => row.CreatedAtMilliseconds).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => row.ToAccount());
    }

    public async Task AddAsync(string name, AccountCredentials credentials, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        database.Add(new AccountRow
        {
            ClientToken = credentials.ClientToken,
            Name = name,
            SecretHash = Secret.HashOf(credentials.ClientSecret),
            // From the clock, so that an account which was removed and comes again does not revive its old access tokens.
            SecretVersion = now,
            CreatedAtMilliseconds = now,
        });
        await database.SaveChangesAsync(cancellationToken);
        await SayChangedAsync(database, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Gives an account a new secret; its access tokens are void. False where there is no such account.</summary>
    public async Task<bool> RotateAsync(AccountCredentials credentials, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var row = await database.Set<AccountRow>().SingleOrDefaultAsync(row => row.ClientToken == credentials.ClientToken, cancellationToken);
        if (row is null)
            return false;
        row.SecretHash = Secret.HashOf(credentials.ClientSecret);
        row.SecretVersion = Math.Max(row.SecretVersion + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        await database.SaveChangesAsync(cancellationToken);
        await SayChangedAsync(database, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Makes sure that an account has this secret: adds the one, or rotates the other, or leaves all as it is.</summary>
    public async Task EnsureAsync(string name, AccountCredentials credentials, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<AccountRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.ClientToken == credentials.ClientToken, cancellationToken);
        if (row is null)
            await AddAsync(name, credentials, cancellationToken);
        else if (!Secret.Matches(row.SecretHash, credentials.ClientSecret))
            await RotateAsync(credentials, cancellationToken);
    }

    /// <summary>Tells the running gateway that the table changed; in the transaction of the change.</summary>
    public static Task<int> SayChangedAsync(GatewayDatabase database, CancellationToken cancellationToken) =>
        database.Set<AccountsVersionRow>().ExecuteUpdateAsync(
            row => row.SetProperty(r => r.Version, r => r.Version + 1), cancellationToken);
}
