using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Webhooks;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

/// <summary>The tables of webhooks in a real file, with the store over them.</summary>
internal sealed class DeliveryTables : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 6, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services;
    private readonly string _path;
    private readonly bool _ownsFolder;

    private DeliveryTables(ServiceProvider services, string path, bool ownsFolder, FakeTimeProvider time)
    {
        (_services, _path, _ownsFolder, Time) = (services, path, ownsFolder, time);
        Connections = new DeliveryConnections(services.GetRequiredService<DataFolder>());
        Writer = new DeliveryWriter(Connections);
        Store = new DeliveryStore(Connections, Writer, time);
    }

    public FakeTimeProvider Time { get; }

    public InstanceId Instance { get; } = InstanceId.New();

    public DeliveryConnections Connections { get; }

    public DeliveryWriter Writer { get; }

    public DeliveryStore Store { get; }

    public static async Task<DeliveryTables> OpenAsync(string? path = null)
    {
        var (folder, time) = (path ?? GatewayFixture.NewFolder(), new FakeTimeProvider(Start));
        var services = new ServiceCollection().AddSingleton(new DataFolder(folder)).AddStorage().BuildServiceProvider();
        await services.GetRequiredService<SchemaUpgrade>().RunAsync(default);
        return new DeliveryTables(services, folder, ownsFolder: path is null, time);
    }

    /// <summary>What a machine that lost its power now would find: the files as they are, copied while the store is open.</summary>
    public async Task<DeliveryTables> CopyAsync()
    {
        var copy = GatewayFixture.NewFolder();
        foreach (var file in Directory.GetFiles(_path, GatewayDatabase.FileName + "*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return await OpenAsync(copy);
    }

    /// <summary>Adds an endpoint; its id.</summary>
    public async Task<long> AddEndpointAsync(string name = "default", InstanceId? instance = null, long? deletedAtMilliseconds = null)
    {
        await using var database = await DatabaseAsync();
        var row = new EndpointRow { Instance = (instance ?? Instance).Value, Name = name, DeletedAtMilliseconds = deletedAtMilliseconds };
        database.Add(row);
        await database.SaveChangesAsync();
        return row.Id;
    }

    public Task<GatewayDatabase> DatabaseAsync() => _services.GetRequiredService<IDbContextFactory<GatewayDatabase>>().CreateDbContextAsync();

    /// <summary>A delivery that begins now.</summary>
    public DeliveryRow Delivery(long endpoint, long sequence, DeliveryStatus status = DeliveryStatus.Pending, DateTimeOffset? due = null) => new()
    {
        Id = Store.NewId(),
        EndpointId = endpoint,
        Sequence = sequence,
        EventId = EventPosition.Create(Instance, Time.GetUtcNow().ToUnixTimeMilliseconds(), sequence).ToString(),
        TypeIndex = 0,
        Status = status,
        Attempts = 1,
        HttpStatus = status == DeliveryStatus.Delivered ? 200 : 500,
        NextAttemptAtMilliseconds = status == DeliveryStatus.Pending ? (due ?? Time.GetUtcNow()).ToUnixTimeMilliseconds() : null,
        SettledAtMilliseconds = status == DeliveryStatus.Pending ? null : Time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    public AttemptRow Attempt(DeliveryRow delivery, string response = "no") => new()
    {
        DeliveryId = delivery.Id,
        AtMilliseconds = Time.GetUtcNow().ToUnixTimeMilliseconds(),
        DurationMilliseconds = 12,
        Url = "https://example.com/hook",
        RequestHeaders = """{"webhook-id":"evt"}""",
        HttpStatus = delivery.HttpStatus,
        Response = response,
    };

    /// <summary>Keeps a delivery with one attempt and an envelope.</summary>
    public ValueTask<bool> KeepAsync(DeliveryRow delivery, int envelopeBytes = 100) => Store.WriteAsync(
        new DeliveryWrite { Delivery = delivery, Attempt = Attempt(delivery), Envelope = new byte[envelopeBytes] }, default);

    /// <summary>One number out of the file.</summary>
    public long Scalar(string sql)
    {
        using var connection = Connections.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (_ownsFolder)
            Directory.Delete(_path, recursive: true);
    }
}
