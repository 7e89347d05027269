using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Media;

/// <summary>An event's file: what is known of it, and while it is pending the job of fetching it.</summary>
internal sealed class MediaRow
{
    public required string Id { get; init; }

    public required string Instance { get; init; }

    /// <summary>A <see cref="MediaSource"/>.</summary>
    public required string Source { get; init; }

    public required MediaStatus Status { get; set; }

    /// <summary>As the sender said.</summary>
    public required string MimeType { get; init; }

    /// <summary>What it is served as; null until it is stored.</summary>
    public string? ContentType { get; set; }

    public string? FileName { get; init; }

    /// <summary>Bytes: as the sender said, and as it is once it is stored.</summary>
    public long? Size { get; set; }

    /// <summary>The hash of its bytes; null until it is stored.</summary>
    public string? Sha256 { get; set; }

    /// <summary>The hash that the sender gave; null where it gave none.</summary>
    public string? ExpectedSha256 { get; init; }

    /// <summary>Where it is fetched: its id in the Cloud API.</summary>
    public string? CloudId { get; init; }

    /// <summary>Where it is fetched: its URL, sealed, as it may hold a secret.</summary>
    public byte[]? Url { get; init; }

    public long CreatedAtMilliseconds { get; init; }

    /// <summary>When it was stored.</summary>
    public long? StoredAtMilliseconds { get; set; }

    /// <summary>Attempts to fetch it that have ended, since it was last asked for.</summary>
    public int Attempts { get; set; }

    public long? NextAttemptAtMilliseconds { get; set; }

    /// <summary>Of the last attempt that failed.</summary>
    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public MediaId ParsedId => MediaId.TryParse(Id, out var id) ? id : throw new InvalidDataException($"'{Id}' in the database is no media id.");

    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds(CreatedAtMilliseconds);
}

internal sealed class MediaTable : IEntityTypeConfiguration<MediaRow>
{
    public const string Name = "media";

    /// <summary>Of each instance behind {0} and up to {5} the file that is due the longest at {1}, without the ids {2} and the instances {3} (JSON lists), at most {4}. An index's walk from
    /// instance to instance, so that the backlog of one is passed over and not read; without the name of the index, another one is taken, and all of it sorted.</summary>
    public const string DueInTurn = $$"""
        WITH RECURSIVE turns(instance) AS (
            SELECT (SELECT "Instance" FROM {{Name}} INDEXED BY {{PendingIndex}} WHERE "Status" = 1 AND "Instance" > {0} AND "Instance" <= {5} ORDER BY "Instance" LIMIT 1)
            UNION ALL
            SELECT (SELECT "Instance" FROM {{Name}} INDEXED BY {{PendingIndex}} WHERE "Status" = 1 AND "Instance" > turns.instance AND "Instance" <= {5} ORDER BY "Instance" LIMIT 1) FROM turns WHERE turns.instance IS NOT NULL
        )
        SELECT due.* FROM turns JOIN {{Name}} AS due ON due."Id" = (
            SELECT "Id" FROM {{Name}} INDEXED BY {{PendingIndex}}
            WHERE "Status" = 1 AND "Instance" = turns.instance AND "NextAttemptAtMilliseconds" <= {1} AND "Id" NOT IN (SELECT value FROM json_each({2}))
            ORDER BY "NextAttemptAtMilliseconds" LIMIT 1)
        WHERE turns.instance IS NOT NULL AND turns.instance NOT IN (SELECT value FROM json_each({3}))
        LIMIT {4}
        """;

    /// <summary>Behind every instance's id.</summary>
    public const string BehindAllInstances = "~";

    private const string PendingIndex = "IX_media_pending";

    public void Configure(EntityTypeBuilder<MediaRow> builder)
    {
        builder.ToTable(Name);
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => new { row.Instance, row.CreatedAtMilliseconds, row.Id });
        builder.HasIndex(row => new { row.Status, row.NextAttemptAtMilliseconds });
        builder.HasIndex(row => new { row.Instance, row.NextAttemptAtMilliseconds }).HasFilter("\"Status\" = 1").HasDatabaseName(PendingIndex);
        builder.HasIndex(row => row.Sha256);
        builder.HasIndex(row => row.CreatedAtMilliseconds);
        builder.HasOne<InstanceRow>().WithMany().HasForeignKey(row => row.Instance).OnDelete(DeleteBehavior.Cascade);
    }
}
