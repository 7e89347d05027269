using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Delivery;

internal sealed class ConsumerRow
{
    public required string Instance { get; init; }

    public required string Name { get; init; }

    /// <summary>Head and owed of each type, as <see cref="ConsumerStateFormat"/> writes them.</summary>
    public required byte[] State { get; set; }

    public long UpdatedAtMilliseconds { get; set; }
}

internal sealed class ConsumerTable : IEntityTypeConfiguration<ConsumerRow>
{
    public const string Name = "consumers";

    public void Configure(EntityTypeBuilder<ConsumerRow> builder)
    {
        builder.ToTable(Name);
        builder.HasKey(row => new { row.Instance, row.Name });
    }
}
