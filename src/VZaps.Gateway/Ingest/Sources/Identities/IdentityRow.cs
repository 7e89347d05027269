using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Somebody whose phone a source told together with their other id.</summary>
internal sealed class IdentityRow
{
    public required string Source { get; init; }

    public required string Address { get; init; }

    public required string Phone { get; set; }

    public long ToldAtMilliseconds { get; set; }
}

internal sealed class IdentityTable : IEntityTypeConfiguration<IdentityRow>
{
    public void Configure(EntityTypeBuilder<IdentityRow> builder)
    {
        builder.ToTable("source_identities");
        builder.HasKey(row => new { row.Source, row.Address });
        builder.HasOne<SourceRow>().WithMany().HasForeignKey(row => row.Source).OnDelete(DeleteBehavior.Cascade);
    }
}
