using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Webhooks;

/// <summary>The delivery of one event to one endpoint.</summary>
internal sealed record DeliveryRow
{
    public const string TableName = "webhook_deliveries";

    /// <summary>A <see cref="LogId"/>: ids sort by creation.</summary>
    public required long Id { get; init; }

    public required long EndpointId { get; init; }

    /// <summary>The event's sequence in its instance's log.</summary>
    public required long Sequence { get; init; }

    public required string EventId { get; init; }

    public required byte TypeIndex { get; init; }

    /// <summary>The event's chat; null for none, and for endpoints to which order does not matter.</summary>
    public string? Chat { get; init; }

    public DeliveryStatus Status { get; init; }

    /// <summary>Attempts of the schedule; manual ones are not counted.</summary>
    public int Attempts { get; init; }

    /// <summary>The HTTP status of the last attempt; null where none was answered.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>When a pending one is due; null for the others.</summary>
    public long? NextAttemptAtMilliseconds { get; init; }

    public long? SettledAtMilliseconds { get; init; }

    /// <summary>Whether somebody asked for it to be delivered once more, and it was not yet.</summary>
    public bool IsManual { get; init; }

    /// <summary>Whether it waits for an earlier event of its chat.</summary>
    public bool IsHeld { get; init; }
}

internal sealed class DeliveryTable : IEntityTypeConfiguration<DeliveryRow>
{
    /// <summary>Bytes of the attempts and the payload; the store's own count, by which retention knows what a removal gives back.</summary>
    public const string BytesColumn = "Bytes";

    public void Configure(EntityTypeBuilder<DeliveryRow> builder)
    {
        builder.ToTable(DeliveryRow.TableName);
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property<long>(BytesColumn);
        builder.HasIndex(row => new { row.EndpointId, row.Sequence }).IsUnique();
        // Each index ends with the id, as every index of SQLite does with the key of an integer. With a value for each column
        // it is in the order of a page; LogSearch merges over the values of the columns that a filter leaves open.
        builder.HasIndex(row => row.EndpointId);
        builder.HasIndex(row => new { row.EndpointId, row.Status, row.TypeIndex });
        builder.HasIndex(row => new { row.EndpointId, row.HttpStatus, row.Status, row.TypeIndex });
        builder.HasIndex(row => new { row.EndpointId, row.NextAttemptAtMilliseconds }, "IX_webhook_deliveries_due").HasFilter("\"Status\" = 0");
        builder.HasIndex(row => row.EndpointId, "IX_webhook_deliveries_manual").HasFilter("\"IsManual\" = 1");
    }
}
