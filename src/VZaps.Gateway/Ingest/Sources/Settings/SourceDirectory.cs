using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>All sources, in memory over their table. Thread-safe. What makes, changes or ends one is durable when it returns; their accounts are saved lazily.</summary>
internal sealed class SourceDirectory(
    IDbContextFactory<GatewayDatabase> databases, InstanceDirectory instances, Revocations revocations, SealedSecrets secrets, IOptions<SourceOptions> options, TimeProvider time)
    : IRevocationListener, IInstanceSightings, IDisposable
{
    // Longer than any that there is.
    private const int MaxWaba = 64;

    private readonly ConcurrentDictionary<string, Entry> _sources = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(InstanceId Instance, string Kind), string> _ids = new();

    // One change at a time: two must not claim one number, and none may take back what another did since it looked.
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

    /// <summary>Who is who among the people that a source knows.</summary>
    public SourceIdentities IdentitiesOf(Source source) => _sources.TryGetValue(source.Id, out var entry) ? entry.Identities : new SourceIdentities(0);

    /// <inheritdoc/>
    public InstanceSighting SightingOf(InstanceId instance)
    {
        // Of two numbers that which was heard of last.
        var latestFirst = AllOf(instance).Select(source => new InstanceSighting(source.Phone, AccountOf(source).LastSeenAt)).OrderByDescending(one => one.LastSeenAt).ToList();
        return new InstanceSighting(latestFirst.Find(one => one.PhoneNumber is not null).PhoneNumber, latestFirst.FirstOrDefault().LastSeenAt);
    }

    /// <summary>The sources of an instance, by kind.</summary>
    public IReadOnlyList<Source> AllOf(InstanceId instance) => [.. SourceKind.All.Select(kind => Find(instance, kind)).OfType<Source>()];

    public Source? Find(InstanceId instance, string kind) =>
        _ids.TryGetValue((instance, kind), out var id) && _sources.TryGetValue(id, out var entry) ? entry.Source : null;

    /// <summary>The Cloud API's sources of the same owner: one app serves all of its numbers with one URL, and no number of anybody else.</summary>
    public IEnumerable<Source> CloudSourcesBeside(Source source) => instances.TryGet(source.Instance, out var instance)
        ? _sources.Values.Select(entry => entry.Source).Where(other => other.Kind == SourceKind.Cloud && instances.TryGet(other.Instance, out var its) && its.Owner == instance.Owner)
        : [];

    /// <summary>Reads the table; before anything else is asked, and after the instances.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await foreach (var row in database.Set<SourceRow>().AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellationToken))
            Put(new Entry(OfRow(row), SourceAccount.Of(row), new SourceIdentities(options.Value.IdentitiesPerSource)));
        revocations.Add(this);
    }

    /// <summary>Makes or changes a source.</summary>
    /// <param name="instance">Its instance.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="change">Makes of the source as it is (null where it is new) all of it but its times, and says what secret was made for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Http.ProblemException">404: the instance is gone. 409: another instance of the owner has the number.</exception>
    public Task<(Source Source, string? NewSecret)> SetAsync(
        InstanceId instance, string kind, Func<Source?, (Source Source, string? NewSecret)> change, CancellationToken cancellationToken) => _changing.InTurnAsync(
        async () =>
        {
            var (wanted, newSecret) = change(Find(instance, kind));
            if (wanted.PhoneNumberId is { } number && CloudSourcesBeside(wanted).FirstOrDefault(other => other.Id != wanted.Id && other.PhoneNumberId == number) is { } taken)
                throw SourceProblems.NumberTaken(number, taken.Instance).ToException();
            try
            {
                return (await SaveAsync(wanted) ?? throw InstanceProblems.NotFound(instance).ToException(), newSecret);
            }
            catch (DbUpdateException) when (!instances.TryGet(instance, out _))
            {
                throw InstanceProblems.NotFound(instance).ToException(); // deleted since it was asked for: the foreign key refused
            }
        },
        cancellationToken);

    /// <summary>Learns what a body told of a source. Its number is what the sender says last: another may have been paired; its account stays what it is.</summary>
    /// <param name="source">The source.</param>
    /// <param name="waba">The account; null where it was not told.</param>
    /// <param name="phone">The number in digits; null where it was not told.</param>
    public Task LearnAsync(Source source, string? waba, string? phone) => Told(source, waba, phone) == source
        ? Task.CompletedTask
        : _changing.InTurnAsync(
            async () => _sources.TryGetValue(source.Id, out var entry) && Told(entry.Source, waba, phone) is var told && told != entry.Source ? await SaveAsync(told) : null,
            CancellationToken.None);

    /// <summary>Ends a source with all that is kept of it; false where it was gone already.</summary>
    public Task<bool> DeleteAsync(Source source, CancellationToken cancellationToken) => _changing.InTurnAsync(
        async () =>
        {
            await using var database = await databases.CreateDbContextAsync();
            await database.Set<SourceRow>().Where(row => row.Id == source.Id).ExecuteDeleteAsync();
            return Remove(source);
        },
        cancellationToken);

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
            Remove(source);
    }

    public void Dispose() => _changing.Dispose();

    private static Source Told(Source source, string? waba, string? phone) => source with
    {
        Waba = source.Waba ?? (waba is { Length: <= MaxWaba } ? waba : null),
        Phone = WhatsAppAddress.NumberOf(phone) ?? source.Phone,
    };

    /// <summary>Saves a source, in turn; null where its instance was deleted meanwhile. Once begun, it is done to its end: row and memory must agree.</summary>
    private async Task<Source?> SaveAsync(Source wanted)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var isKnown = _sources.TryGetValue(wanted.Id, out var entry);
        await using var database = await databases.CreateDbContextAsync();
        var row = await database.Set<SourceRow>().SingleOrDefaultAsync(row => row.Id == wanted.Id);
        if (row is null)
        {
            if (isKnown)
                return null;
            row = new SourceRow { Id = wanted.Id, Instance = wanted.Instance.Value, Kind = wanted.Kind, CreatedAtMilliseconds = now.ToUnixTimeMilliseconds() };
            database.Add(row);
        }

        (row.PhoneNumberId, row.Waba, row.Phone, row.HasFailedReceipts) = (wanted.PhoneNumberId, wanted.Waba, wanted.Phone, wanted.HasFailedReceipts);
        // Only a new key is sealed: what is in memory may stand in for one that could not be opened, and must not take its place.
        if (!isKnown || !ReferenceEquals(entry!.Source.SigningKey, wanted.SigningKey))
            row.SigningKey = wanted.SigningKey is { } key ? secrets.Seal(key) : null;
        if (!isKnown || (entry!.Source.AccessToken, entry.Source.IsTokenUnreadable) != (wanted.AccessToken, wanted.IsTokenUnreadable))
            row.AccessToken = wanted.AccessToken is { } token ? secrets.Seal(Encoding.UTF8.GetBytes(token)) : null;
        (row.TokenHash, row.UpdatedAtMilliseconds) = (wanted.TokenHash, now.ToUnixTimeMilliseconds());
        await database.SaveChangesAsync();
        var saved = wanted with { CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMilliseconds), UpdatedAt = now };
        Put(isKnown ? entry! with { Source = saved } : new Entry(saved, new SourceAccount(), new SourceIdentities(options.Value.IdentitiesPerSource)));
        if (instances.TryGet(saved.Instance, out _))
            return saved;
        Remove(saved); // the deletion was told before this was there
        return null;
    }

    private void Put(Entry entry)
    {
        _sources[entry.Source.Id] = entry;
        _ids[(entry.Source.Instance, entry.Source.Kind)] = entry.Source.Id;
    }

    private bool Remove(Source source)
    {
        _ids.TryRemove(KeyValuePair.Create((source.Instance, source.Kind), source.Id));
        return _sources.TryRemove(source.Id, out _);
    }

    private Source OfRow(SourceRow row)
    {
        var token = row.AccessToken is { } keptToken ? secrets.Open(keptToken) : null;
        return new Source
        {
            Id = row.Id,
            Instance = InstanceId.Parse(row.Instance),
            Kind = row.Kind,
            PhoneNumberId = row.PhoneNumberId,
            Waba = row.Waba,
            Phone = row.Phone,
            HasFailedReceipts = row.HasFailedReceipts,
            // What cannot be opened verifies nothing: an empty key would be everybody's.
            SigningKey = row.SigningKey is { } keptKey ? secrets.Open(keptKey) ?? System.Security.Cryptography.RandomNumberGenerator.GetBytes(32) : null,
            TokenHash = row.TokenHash,
            AccessToken = token is null ? null : Encoding.UTF8.GetString(token),
            IsTokenUnreadable = row.AccessToken is not null && token is null,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMilliseconds),
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAtMilliseconds),
        };
    }

    private sealed record Entry(Source Source, SourceAccount Account, SourceIdentities Identities);
}
