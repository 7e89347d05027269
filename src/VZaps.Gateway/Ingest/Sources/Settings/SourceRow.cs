using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Ingest.Sources;

internal sealed class SourceRow
{
    public required string Id { get; init; }

    public required string Instance { get; init; }

    public required string Kind { get; init; }

    public string? PhoneNumberId { get; set; }

    public string? Waba { get; set; }

    public string? Phone { get; set; }

    public bool HasFailedReceipts { get; set; }

    /// <summary>The signing key, protected.</summary>
    public byte[]? SigningKey { get; set; }

    public byte[]? TokenHash { get; set; }

    /// <summary>The access token, protected.</summary>
    public byte[]? AccessToken { get; set; }

    public long CreatedAtMilliseconds { get; init; }

    public long UpdatedAtMilliseconds { get; set; }

    // The account. Saved lazily, and all of it at once, so that it closes after a crash, too.
    public long Received { get; set; }

    public long Published { get; set; }

    public long Duplicates { get; set; }

    public long Kept { get; set; }

    /// <summary>A JSON object of the counts by kind.</summary>
    public string NotMapped { get; set; } = "{}";

    public long? LastSeenAtMilliseconds { get; set; }

    public long? DisconnectedAtMilliseconds { get; set; }
}

internal sealed class SourceTable : IEntityTypeConfiguration<SourceRow>
{
    public void Configure(EntityTypeBuilder<SourceRow> builder)
    {
        builder.ToTable("sources");
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => new { row.Instance, row.Kind }).IsUnique();
        builder.HasOne<InstanceRow>().WithMany().HasForeignKey(row => row.Instance).OnDelete(DeleteBehavior.Cascade);
    }
}
