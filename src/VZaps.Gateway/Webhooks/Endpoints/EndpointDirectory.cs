using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Webhooks;

/// <summary>Told of changes of endpoints, when they are durable; must return at once and never throw.</summary>
internal interface IEndpointListener
{
    /// <summary>An endpoint is there, or is set anew.</summary>
    void OnChanged(WebhookEndpoint endpoint);

    /// <summary>An endpoint is gone.</summary>
    void OnDeleted(WebhookEndpoint endpoint);

    /// <summary>An endpoint is about to be moved forward: nothing up to a sequence is to be begun from now on. Completes when what is under way is durable, as the
    /// position may not pass what a crash would take back. The one that may wait, and throw.</summary>
    Task OnMovingAsync(WebhookEndpoint endpoint, long sequence);
}

/// <summary>All endpoints, in memory over their table. Thread-safe; what it changes is durable when it returns.</summary>
/// <remarks>Cancelling ends the wait for a change's turn. One that has begun is brought to its end: memory and table are to say the same.</remarks>
internal sealed class EndpointDirectory(
    IDbContextFactory<GatewayDatabase> databases,
    InstanceDirectory instances,
    EndpointSecrets secrets,
    Lazy<IEventLog> log,
    IOptions<LimitsOptions> limits,
    TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(InstanceId Instance, string Name), WebhookEndpoint> _endpoints = new();
    private readonly ConcurrentDictionary<long, WebhookEndpoint> _byId = new();

    // One change at a time: what is read, changed and saved must not have been changed by another in between.
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Who is told; set once, before the first change.</summary>
    public IEndpointListener? Listener { get; set; }

    /// <summary>All endpoints now, in no order.</summary>
    public IEnumerable<WebhookEndpoint> All => _endpoints.Values;

    /// <summary>An instance's endpoints, by name.</summary>
    public IReadOnlyList<WebhookEndpoint> AllOf(InstanceId instance) =>
        [.. _endpoints.Values.Where(endpoint => endpoint.Instance == instance).OrderBy(endpoint => endpoint.Name, StringComparer.Ordinal)];

    /// <summary>One endpoint; null where there is none.</summary>
    public WebhookEndpoint? Find(InstanceId instance, string name) => _endpoints.GetValueOrDefault((instance, name));

    /// <summary>One endpoint by its id; null where there is none, or it was deleted.</summary>
    public WebhookEndpoint? FindById(long id) => _byId.GetValueOrDefault(id);

    /// <summary>Reads the table; before anything else is asked, with the instances known and the log open.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<EndpointRow>().Where(row => row.DeletedAtMilliseconds == null).ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            if (instances.TryGet(InstanceId.Parse(row.Instance), out var instance))
                Enter(row, await PositionOfAsync(database, row, instance.Id, cancellationToken));
        }

        await database.SaveChangesAsync(cancellationToken);
        // A crash may have come between an endpoint's end and that of its deliveries.
        await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE webhook_deliveries SET "Status" = 3, "NextAttemptAtMilliseconds" = NULL, "SettledAtMilliseconds" = {Now().ToUnixTimeMilliseconds()}, "IsHeld" = 0, "IsManual" = 0
            WHERE "Status" = 0 AND "EndpointId" IN (SELECT "Id" FROM webhook_endpoints WHERE "DeletedAtMilliseconds" IS NOT NULL);
            UPDATE webhook_deliveries SET "IsManual" = 0
            WHERE "IsManual" = 1 AND "EndpointId" IN (SELECT "Id" FROM webhook_endpoints WHERE "DeletedAtMilliseconds" IS NOT NULL)
            """,
            cancellationToken);
        // Those that were set by a version that had the field and no endpoints yet.
        foreach (var instance in instances.All.Where(instance => instance.Webhook is not null && Find(instance.Id, WebhookEndpoint.DefaultName) is null).ToArray())
            await SetAsync(instance.Id, WebhookEndpoint.DefaultName, new EndpointRequest { WebhookUrl = instance.Webhook }, mustBeNew: false, cancellationToken);
    }

    /// <summary>Sets an endpoint, and makes it where there is none. Its URL has been checked.</summary>
    /// <exception cref="ProblemException">400, or 409 where it must be new and is not.</exception>
    public Task<WebhookEndpoint> SetAsync(InstanceId instance, string name, EndpointRequest request, bool mustBeNew, CancellationToken cancellationToken) =>
        _changing.InTurnAsync(() => SetInTurnAsync(instance, name, request, mustBeNew), cancellationToken);

    /// <summary>Makes an instance together with its default endpoint.</summary>
    public Task<Instance> CreateInstanceAsync(Instance instance, EndpointRequest request, CancellationToken cancellationToken) => _changing.InTurnAsync(
        async () =>
        {
            EndpointRow? row = null;
            var made = await instances.CreateAsync(
                instance with { Webhook = request.Url },
                CancellationToken.None,
                database =>
                {
                    row = Stage(database, instance.Id, WebhookEndpoint.DefaultName, FirstSettings(request));
                    return Task.CompletedTask;
                });
            Tell(Enter(row!, position: 0));
            return made;
        },
        cancellationToken);

    /// <summary>Changes an instance together with its default endpoint; null where the instance is gone.</summary>
    public Task<Instance?> UpdateInstanceAsync(InstanceId id, Func<Instance, Instance> change, EndpointRequest request, CancellationToken cancellationToken) => _changing.InTurnAsync(
        async () =>
        {
            await SaveAsync(id, WebhookEndpoint.DefaultName, request, change);
            return instances.TryGet(id, out var changed) ? changed : null;
        },
        cancellationToken);

    /// <summary>Gives an endpoint a new secret; the old one signs too for a time.</summary>
    /// <exception cref="ProblemException">409: so many old ones hold already.</exception>
    public Task RotateAsync(WebhookEndpoint endpoint, TimeSpan oldSecretFor, CancellationToken cancellationToken) =>
        ChangeAsync(endpoint, settings => settings.PreviousSecrets.KeysAt(Now()).Count() < PreviousSecrets.Most
            ? settings with { Secret = WebhookSecret.New(), PreviousSecrets = settings.PreviousSecrets.With(settings.Secret, Now() + oldSecretFor, Now()) }
            : throw EndpointProblems.TooManyRotations.ToException(), cancellationToken);

    /// <summary>Gives an endpoint up; false where it is disabled already.</summary>
    public async Task<bool> DisableAsync(WebhookEndpoint endpoint, string reason, CancellationToken cancellationToken)
    {
        var isNew = false;
        await ChangeAsync(endpoint, settings =>
        {
            isNew = settings.IsEnabled;
            return isNew ? settings with { IsEnabled = false, DisabledReason = reason, DisabledAt = Now() } : settings;
        }, cancellationToken);
        return isNew;
    }

    /// <summary>Deletes an endpoint; its logs stay. False where it is gone already.</summary>
    public Task<bool> DeleteAsync(WebhookEndpoint endpoint, CancellationToken cancellationToken) => _changing.InTurnAsync(
        async () =>
        {
            if (endpoint.IsDeleted)
                return false;
            if (endpoint.Name == WebhookEndpoint.DefaultName)
                await instances.UpdateAsync(endpoint.Instance, instance => instance with { Webhook = null }, CancellationToken.None, database => EndAsync(database, endpoint));
            else
                await InDatabaseAsync(database => EndAsync(database, endpoint));
            Forget(endpoint);
            return true;
        },
        cancellationToken);

    /// <summary>Forgets the endpoints of an instance that is gone.</summary>
    public void ForgetAllOf(InstanceId instance)
    {
        foreach (var endpoint in AllOf(instance))
            Forget(endpoint);
    }

    public void Dispose() => _changing.Dispose();

    private async Task<WebhookEndpoint> SetInTurnAsync(InstanceId instance, string name, EndpointRequest request, bool mustBeNew)
    {
        if (mustBeNew && Find(instance, name) is not null)
            throw EndpointProblems.Exists(name).ToException();
        await SaveAsync(instance, name, request, known => known);
        if (instances.TryGet(instance, out _) && Find(instance, name) is { } endpoint)
            return endpoint;
        // Gone in this very moment, and those who forget its endpoints may have been here before.
        ForgetAllOf(instance);
        throw InstanceProblems.NotFound(instance).ToException();
    }

    private async Task SaveAsync(InstanceId instance, string name, EndpointRequest request, Func<Instance, Instance> change)
    {
        var known = Find(instance, name);
        if (known is null && AllOf(instance).Count >= limits.Value.WebhooksPerInstance)
            throw EndpointProblems.TooMany(limits.Value.WebhooksPerInstance).ToException();
        var settings = known is null ? FirstSettings(request) : request.Apply(known.Settings, Now());
        // What came before there ever was anybody to post to was nobody's; what came while it was disabled, or without its URL, was missed.
        var isAtEnd = known is null || request.Replay is false || (settings.Url is not null && known.Settings is { Url: null, IsMissing: false });
        var end = log.Value.GetRange(instance).LastSequence;
        if (known is not null && isAtEnd && Listener is { } listener)
            await listener.OnMovingAsync(known, end);
        EndpointRow? row = null;
        async Task StageAsync(GatewayDatabase database)
        {
            row = known is null ? Stage(database, instance, name, settings, end) : await FindRowAsync(database, known);
            if (known is null)
                return;
            settings.WriteTo(row, secrets);
            row.UpdatedAtMilliseconds = Now().ToUnixTimeMilliseconds();
            if (isAtEnd)
                row.Position = Math.Max(row.Position, end);
        }

        if (name != WebhookEndpoint.DefaultName)
            await InDatabaseAsync(StageAsync);
        else if (await instances.UpdateAsync(instance, given => change(given) with { Webhook = settings.Url }, CancellationToken.None, StageAsync) is null)
            throw InstanceProblems.NotFound(instance).ToException();
        if (known is null)
        {
            Tell(Enter(row!, row!.Position));
            return;
        }

        if (isAtEnd)
            known.Advance(end);
        // It begins anew, or is another one: what failed before says nothing of it.
        if (settings.IsRunning && (!known.Settings.IsRunning || settings.Url != known.Settings.Url))
            known.ForgetFailures(Now());
        known.Settings = settings;
        Tell(known);
    }

    private Task<bool> ChangeAsync(WebhookEndpoint endpoint, Func<EndpointSettings, EndpointSettings> change, CancellationToken cancellationToken) => _changing.InTurnAsync(
        async () =>
        {
            if (endpoint.IsDeleted)
                return false;
            var settings = change(endpoint.Settings);
            await InDatabaseAsync(async database =>
            {
                var row = await FindRowAsync(database, endpoint);
                settings.WriteTo(row, secrets);
                row.UpdatedAtMilliseconds = Now().ToUnixTimeMilliseconds();
            });
            endpoint.Settings = settings;
            Tell(endpoint);
            return true;
        },
        cancellationToken);

    private EndpointSettings FirstSettings(EndpointRequest request) => request.Apply(new EndpointSettings { Secret = WebhookSecret.New() }, Now());

    private EndpointRow Stage(GatewayDatabase database, InstanceId instance, string name, EndpointSettings settings, long position = 0)
    {
        var now = Now().ToUnixTimeMilliseconds();
        var row = new EndpointRow
        {
            Instance = instance.Value, Name = name, Position = position, FirstPosition = position, CreatedAtMilliseconds = now, UpdatedAtMilliseconds = now,
        };
        settings.WriteTo(row, secrets);
        database.Add(row);
        return row;
    }

    /// <summary>Where an endpoint stands. Behind the log's end there is nothing: then it is another log, whose sequences are other events.</summary>
    private async Task<long> PositionOfAsync(GatewayDatabase database, EndpointRow row, InstanceId instance, CancellationToken cancellationToken)
    {
        var last = log.Value.GetRange(instance).LastSequence;
        if (row.Position <= last)
            return row.Position;
        row.Position = last;
        await database.Database.ExecuteSqlAsync($"""UPDATE webhook_deliveries SET "Sequence" = -"Id" WHERE "EndpointId" = {row.Id}""", cancellationToken);
        return last;
    }

    private static Task<EndpointRow> FindRowAsync(GatewayDatabase database, WebhookEndpoint endpoint) =>
        database.Set<EndpointRow>().SingleAsync(row => row.Id == endpoint.Id);

    private async Task EndAsync(GatewayDatabase database, WebhookEndpoint endpoint) =>
        (await FindRowAsync(database, endpoint)).DeletedAtMilliseconds = Now().ToUnixTimeMilliseconds();

    private WebhookEndpoint Enter(EndpointRow row, long position)
    {
        var endpoint = new WebhookEndpoint(row.Id, InstanceId.Parse(row.Instance), row.Name)
        {
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMilliseconds),
            Settings = EndpointSettings.Of(row, secrets),
        };
        endpoint.Restore(position, new EndpointHealth(Time(row.LastSuccessAtMilliseconds), Time(row.FailingSinceMilliseconds)));
        _byId[endpoint.Id] = endpoint;
        return _endpoints[(endpoint.Instance, endpoint.Name)] = endpoint;
    }

    private void Forget(WebhookEndpoint endpoint)
    {
        endpoint.IsDeleted = true;
        _byId.TryRemove(endpoint.Id, out _);
        if (_endpoints.TryRemove(new KeyValuePair<(InstanceId, string), WebhookEndpoint>((endpoint.Instance, endpoint.Name), endpoint)))
            Listener?.OnDeleted(endpoint);
    }

    private void Tell(WebhookEndpoint endpoint) => Listener?.OnChanged(endpoint);

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;

    // As the table keeps it.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private async Task InDatabaseAsync(Func<GatewayDatabase, Task> change)
    {
        await using var database = await databases.CreateDbContextAsync();
        await change(database);
        await database.SaveChangesAsync();
    }
}
