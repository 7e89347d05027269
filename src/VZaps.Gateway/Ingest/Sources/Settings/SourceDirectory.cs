using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>All sources, in memory over their table. Thread-safe. What makes, changes or ends one is durable when it returns; their accounts are saved lazily.</summary>
internal sealed class SourceDirectory(
    IDbContextFactory<GatewayDatabase> databases, InstanceDirectory instances, Revocations revocations, SealedSecrets secrets, TimeProvider time)
    : IRevocationListener, IDisposable
{
    private readonly ConcurrentDictionary<string, Entry> _sources = new(StringComparer.Ordinal);

    // One change at a time, so that two cannot claim one number.
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>All sources with their accounts, in no order.</summary>
    public IEnumerable<(Source Source, SourceAccount Account)> All => _sources.Values.Select(entry => (entry.Source, entry.Account));

    public bool TryGet(string id, [NotNullWhen(true)] out Source? source, [NotNullWhen(true)] out SourceAccount? account)
    {
        var found = _sources.TryGetValue(id, out var entry);
        (source, account) = (entry?.Source, entry?.Account);
        return found;
    }

    public SourceAccount AccountOf(Source source) => _sources.TryGetValue(source.Id, out var entry) ? entry.Account : new SourceAccount();

    /// <summary>The sources of an instance, by kind.</summary>
    public IReadOnlyList<Source> AllOf(InstanceId instance) =>
        [.. _sources.Values.Select(entry => entry.Source).Where(source => source.Instance == instance).OrderBy(source => source.Kind, StringComparer.Ordinal)];

    public Source? Find(InstanceId instance, string kind) => AllOf(instance).FirstOrDefault(source => source.Kind == kind);

    /// <summary>The Cloud API's sources of the same owner: one app serves all of its numbers with one URL, and no number of anybody else.</summary>
    public IEnumerable<Source> CloudSourcesBeside(Source source) => instances.TryGet(source.Instance, out var instance)
        ? _sources.Values.Select(entry => entry.Source).Where(other => other.Kind == SourceKind.Cloud && instances.TryGet(other.Instance, out var its) && its.Owner == instance.Owner)
        : [];

    /// <summary>Reads the table; before anything else is asked, and after the instances.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var row in database.Set<SourceRow>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken))
            _sources[row.Id] = new Entry(OfRow(row), SourceAccount.Of(row));
        revocations.Add(this);
    }

    /// <summary>Makes or changes a source.</summary>
    /// <param name="wanted">All of it but its times.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Http.ProblemException">409: another instance of the owner has the number.</exception>
    public Task<Source> SetAsync(Source wanted, CancellationToken cancellationToken) => _changing.InTurnAsync(
        () => wanted.PhoneNumberId is { } number && CloudSourcesBeside(wanted).FirstOrDefault(other => other.Id != wanted.Id && other.PhoneNumberId == number) is { } taken
            ? throw SourceProblems.NumberTaken(number, taken.Instance).ToException()
            : SaveAsync(wanted, cancellationToken),
        cancellationToken);

    /// <summary>Learns what a body told of a source: its account and its number, where its owner did not say.</summary>
    public async Task LearnAsync(Source source, string? waba, string? phone, CancellationToken cancellationToken)
    {
        if ((source.Waba is not null || waba is null) && (source.Phone is not null || phone is null))
            return;
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_sources.TryGetValue(source.Id, out var entry))
                await SaveAsync(entry.Source with { Waba = entry.Source.Waba ?? waba, Phone = entry.Source.Phone ?? phone }, cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Ends a source with all that is kept of it; false where it was gone already.</summary>
    public async Task<bool> DeleteAsync(Source source, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Set<SourceRow>().Where(row => row.Id == source.Id).ExecuteDeleteAsync(cancellationToken);
        return _sources.TryRemove(source.Id, out _);
    }

    /// <summary>Saves the accounts that changed, in one transaction.</summary>
    public async Task SaveAccountsAsync(CancellationToken cancellationToken)
    {
        var unsaved = _sources.Values.Where(entry => entry.Account.HasUnsaved).ToList();
        if (unsaved.Count == 0)
            return;
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var ids = unsaved.Select(entry => entry.Source.Id).ToList();
            foreach (var row in await database.Set<SourceRow>().Where(row => ids.Contains(row.Id)).ToListAsync(cancellationToken))
            {
                if (_sources.TryGetValue(row.Id, out var entry))
                    entry.Account.TakeUnsaved(row);
            }

            await database.SaveChangesAsync(cancellationToken);
        }
        catch
        {
            unsaved.ForEach(entry => entry.Account.MarkUnsaved());
            throw;
        }
    }

    public void OnRevoked(Revocation revocation)
    {
        if (revocation.Kind != RevocationKind.InstanceDeleted)
            return;
        // Its rows went with the instance's.
        foreach (var source in AllOf(revocation.Instance))
            _sources.TryRemove(source.Id, out _);
    }

    public void Dispose() => _changing.Dispose();

    private async Task<Source> SaveAsync(Source wanted, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<SourceRow>().SingleOrDefaultAsync(row => row.Id == wanted.Id, cancellationToken);
        if (row is null)
        {
            row = new SourceRow { Id = wanted.Id, Instance = wanted.Instance.Value, Kind = wanted.Kind, CreatedAtMilliseconds = now.ToUnixTimeMilliseconds() };
            database.Add(row);
        }

        (row.PhoneNumberId, row.Waba, row.Phone, row.HasFailedReceipts) = (wanted.PhoneNumberId, wanted.Waba, wanted.Phone, wanted.HasFailedReceipts);
        row.SigningKey = wanted.SigningKey is { } key ? secrets.Seal(key) : null;
        row.AccessToken = wanted.AccessToken is { } token ? secrets.Seal(Encoding.UTF8.GetBytes(token)) : null;
        (row.TokenHash, row.UpdatedAtMilliseconds) = (wanted.TokenHash, now.ToUnixTimeMilliseconds());
        await database.SaveChangesAsync(cancellationToken);
        var saved = wanted with { CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMilliseconds), UpdatedAt = now };
        return _sources.AddOrUpdate(saved.Id, _ => new Entry(saved, new SourceAccount()), (_, entry) => entry with { Source = saved }).Source;
    }

    private Source OfRow(SourceRow row) => new()
    {
        Id = row.Id,
        Instance = InstanceId.Parse(row.Instance),
        Kind = row.Kind,
        PhoneNumberId = row.PhoneNumberId,
        Waba = row.Waba,
        Phone = row.Phone,
        HasFailedReceipts = row.HasFailedReceipts,
        // What cannot be opened verifies nothing: an empty key would be everybody's.
        SigningKey = row.SigningKey is { } kept ? secrets.Open(kept) ?? System.Security.Cryptography.RandomNumberGenerator.GetBytes(32) : null,
        TokenHash = row.TokenHash,
        AccessToken = row.AccessToken is { } sealedToken && secrets.Open(sealedToken) is { } token ? Encoding.UTF8.GetString(token) : null,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMilliseconds),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAtMilliseconds),
    };

    private sealed record Entry(Source Source, SourceAccount Account);
}
