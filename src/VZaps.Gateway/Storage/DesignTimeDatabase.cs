using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace VZaps.Gateway.Storage;

/// <summary>The database as <c>dotnet ef migrations add</c> sees it: the model, and no file.</summary>
internal sealed class DesignTimeDatabase : IDesignTimeDbContextFactory<GatewayDatabase>
{
    public GatewayDatabase CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<GatewayDatabase>().UseSqlite("Data Source=:memory:").Options);
}
