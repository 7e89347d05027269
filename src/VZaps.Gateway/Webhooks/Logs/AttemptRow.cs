using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Webhooks;

/// <summary>One POST of a delivery.</summary>
internal sealed record AttemptRow
{
    public const string TableName = "webhook_attempts";

    public required long DeliveryId { get; init; }

    /// <summary>From 1, manual ones included. The store gives it: what a caller says is not looked at.</summary>
    public int Number { get; init; }

    /// <summary>When it began.</summary>
    public required long AtMilliseconds { get; init; }

    public required long DurationMilliseconds { get; init; }

    /// <summary>The address that was called.</summary>
    public required string Url { get; init; }

    /// <summary>A JSON object of what was sent; values that the user set are redacted.</summary>
    public required string RequestHeaders { get; init; }

    public int? HttpStatus { get; init; }

    /// <summary>The first 4 KiB of the answer; null where there was none.</summary>
    public string? Response { get; init; }

    /// <summary>Why it was no success; null where it was one.</summary>
    public string? Error { get; init; }

    /// <summary>Whether somebody asked for it.</summary>
    public bool IsManual { get; init; }

    /// <summary>What it takes of <c>Webhooks:LogRetentionBytes</c>.</summary>
    public long Bytes() => Overhead + Url.Length + RequestHeaders.Length + (Response?.Length ?? 0) + (Error?.Length ?? 0);

    // Of the row and its key.
    private const int Overhead = 64;
}

/// <summary>The envelope of a delivery: the event may leave the log before.</summary>
internal sealed class PayloadRow
{
    public const string TableName = "webhook_payloads";

    public required long DeliveryId { get; init; }

    public required byte[] Envelope { get; init; }
}

/// <summary>What the logs of an endpoint come to, kept with each write: nothing has to be counted.</summary>
internal sealed class LogTotalsRow
{
    public const string TableName = "webhook_log_totals";

    public required long EndpointId { get; init; }

    public long Logs { get; init; }

    /// <summary>Bytes of attempts and payloads.</summary>
    public long Bytes { get; init; }
}

internal sealed class AttemptTable : IEntityTypeConfiguration<AttemptRow>
{
    public void Configure(EntityTypeBuilder<AttemptRow> builder)
    {
        builder.ToTable(AttemptRow.TableName);
        builder.HasKey(row => new { row.DeliveryId, row.Number });
    }
}

internal sealed class PayloadTable : IEntityTypeConfiguration<PayloadRow>
{
    public void Configure(EntityTypeBuilder<PayloadRow> builder)
    {
        builder.ToTable(PayloadRow.TableName);
        builder.HasKey(row => row.DeliveryId);
        builder.Property(row => row.DeliveryId).ValueGeneratedNever();
    }
}

internal sealed class LogTotalsTable : IEntityTypeConfiguration<LogTotalsRow>
{
    public void Configure(EntityTypeBuilder<LogTotalsRow> builder)
    {
        builder.ToTable(LogTotalsRow.TableName);
        builder.HasKey(row => row.EndpointId);
        builder.Property(row => row.EndpointId).ValueGeneratedNever();
    }
}
