using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Delivery;

/// <summary>A dead letter, with a copy of its event: retention may remove the log's.</summary>
internal sealed class DeadLetterRow
{
    public required string Instance { get; init; }

    public required string Consumer { get; init; }

    public required long Sequence { get; init; }

    public required string EventId { get; init; }

    public required byte TypeIndex { get; init; }

    public required DeadLetterReason Reason { get; set; }

    public string? Detail { get; set; }

    /// <summary>How often it was delivered, as far as is known: a connection's counts end with it.</summary>
    public int Deliveries { get; set; }

    /// <summary>A JSON array of <see cref="LetterAttempt"/>.</summary>
    public required string Attempts { get; set; }

    public long DiedAtMilliseconds { get; set; }

    /// <summary>When somebody asked for it to be delivered again; null where it waits for that.</summary>
    public long? RedeliveredAtMilliseconds { get; set; }

    /// <summary>The envelope's UTF-8 bytes.</summary>
    public required byte[] Envelope { get; init; }

    /// <summary>The event.</summary>
    public Envelope ToEnvelope() => new(
        EventPosition.TryParse(EventId, out var position) ? position : throw new InvalidDataException($"'{EventId}' of a dead letter is no event id."), TypeIndex, Envelope);
}

internal sealed class DeadLetterTable : IEntityTypeConfiguration<DeadLetterRow>
{
    public const string Name = "dead_letters";

    public void Configure(EntityTypeBuilder<DeadLetterRow> builder)
    {
        builder.ToTable(Name);
        builder.HasKey(row => new { row.Instance, row.Consumer, row.Sequence });
        builder.HasIndex(row => row.DiedAtMilliseconds);
    }
}
