using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Webhooks;

/// <summary>A retry of all deliveries that a filter lets through, and how far it has come.</summary>
internal sealed class RetryJobRow
{
    public required string Id { get; init; }

    public required string Instance { get; init; }

    /// <summary>The filter, as JSON.</summary>
    public required string Filter { get; init; }

    /// <summary>The last delivery that was looked at; null before the first.</summary>
    public long? Cursor { get; set; }

    /// <summary>Deliveries that the filter let through so far.</summary>
    public long Matched { get; set; }

    /// <summary>Of them, those whose retry was asked for.</summary>
    public long Asked { get; set; }

    /// <summary>Of them, those that cannot be retried: their event or their endpoint is gone.</summary>
    public long Skipped { get; set; }

    public int State { get; set; }

    public long CreatedAtMilliseconds { get; init; }

    public long UpdatedAtMilliseconds { get; set; }

    public long? EndedAtMilliseconds { get; set; }
}

internal sealed class RetryJobTable : IEntityTypeConfiguration<RetryJobRow>
{
    public void Configure(EntityTypeBuilder<RetryJobRow> builder)
    {
        builder.ToTable("webhook_jobs");
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => row.Instance);
    }
}
