using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Storage;

/// <summary>Puts the storage into the container.</summary>
internal static class StorageRegistration
{
    private static readonly DurableConnections Durable = new();

    /// <summary>Adds <see cref="IDbContextFactory{TContext}"/> of <see cref="GatewayDatabase"/>; needs a <see cref="DataFolder"/>.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("VZaps.Gateway");
        return services
            .AddSingleton<IConfigureOptions<KeyManagementOptions>, SealKeyFiles>()
            .AddSingleton<SealedSecrets>()
            .AddSingleton<SchemaUpgrade>()
            .AddSingleton<PromptWrites>()
            .AddPooledDbContextFactory<GatewayDatabase>((provider, options) => Use(options, provider.GetRequiredService<DataFolder>()));
    }

    public static DbContextOptionsBuilder Use(DbContextOptionsBuilder options, DataFolder folder) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = folder.PathOf(GatewayDatabase.FileName) }.ConnectionString)
        .AddInterceptors(Durable);
}
