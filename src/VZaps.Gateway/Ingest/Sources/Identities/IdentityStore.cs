using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Keeps over a restart who is who; saved lazily, as what a crash takes is told again.</summary>
internal sealed class IdentityStore(IDbContextFactory<GatewayDatabase> databases, SourceDirectory sources)
{
    // So many at a time, as each is looked for in the table.
    private const int MaxAtOnce = 500;

    /// <summary>Reads the table; after the sources, and before the first request.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var bySource = sources.All.ToDictionary(one => one.Source.Id, one => sources.IdentitiesOf(one.Source), StringComparer.Ordinal);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var row in database.Set<IdentityRow>().AsNoTracking().OrderBy(row => row.ToldAtMilliseconds).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (bySource.TryGetValue(row.Source, out var identities))
                identities.Load(new Identity(row.Address, row.Phone, DateTimeOffset.FromUnixTimeMilliseconds(row.ToldAtMilliseconds)));
        }
    }

    /// <summary>Saves what changed, a transaction for each source.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        foreach (var (source, _) in sources.All)
        {
            var identities = sources.IdentitiesOf(source);
            var unsaved = identities.TakeUnsaved();
            if (unsaved.Count == 0)
                continue;
            try
            {
                await SaveAsync(source, unsaved, cancellationToken);
            }
            catch
            {
                identities.GiveBack(unsaved);
                throw;
            }
        }
    }

    private async Task SaveAsync(Source source, IReadOnlyDictionary<string, Identity?> unsaved, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = database.Set<IdentityRow>();
        foreach (var some in unsaved.Chunk(MaxAtOnce))
        {
            var addresses = some.Select(one => one.Key).ToList();
            var known = await rows.Where(row => row.Source == source.Id && addresses.Contains(row.Address)).ToDictionaryAsync(row => row.Address, StringComparer.Ordinal, cancellationToken);
            foreach (var (address, identity) in some)
            {
                var row = known.GetValueOrDefault(address);
                if (identity is null)
                {
                    if (row is not null)
                        rows.Remove(row);
                    continue;
                }

                if (row is null)
                    rows.Add(row = new IdentityRow { Source = source.Id, Address = address, Phone = identity.Phone });
                (row.Phone, row.ToldAtMilliseconds) = (identity.Phone, identity.ToldAt.ToUnixTimeMilliseconds());
            }
        }

        await database.SaveChangesAsync(cancellationToken);
    }
}
