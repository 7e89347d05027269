using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>A payload that could not be mapped.</summary>
internal sealed class KeptRow
{
    public long Id { get; init; }

    public required string Source { get; init; }

    /// <summary>The hash of the body: a retry of the sender keeps it once.</summary>
    public required string Hash { get; init; }

    public required string Reason { get; set; }

    /// <summary>A body of the source's format; it can be mapped again.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Its size, so that the bound needs no look at the bodies.</summary>
    public int Bytes { get; init; }

    public long ReceivedAtMilliseconds { get; init; }
}

internal sealed class KeptTable : IEntityTypeConfiguration<KeptRow>
{
    public void Configure(EntityTypeBuilder<KeptRow> builder)
    {
        builder.ToTable("kept_payloads");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedOnAdd();
        builder.HasIndex(row => new { row.Source, row.Hash }).IsUnique();
        builder.HasOne<SourceRow>().WithMany().HasForeignKey(row => row.Source).OnDelete(DeleteBehavior.Cascade);
    }
}
