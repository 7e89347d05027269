using Microsoft.EntityFrameworkCore;

namespace VZaps.Gateway.Storage;

/// <summary>Accounts, instances and positions. Knows no table: each folder brings its own
/// <see cref="IEntityTypeConfiguration{TEntity}"/> and works with <c>Set&lt;TRow&gt;()</c>.</summary>
internal sealed class GatewayDatabase(DbContextOptions<GatewayDatabase> options) : DbContext(options)
{
    public const string FileName = "gateway.db";

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(GatewayDatabase).Assembly);
}
