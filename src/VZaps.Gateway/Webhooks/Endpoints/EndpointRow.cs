using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Webhooks;

/// <summary>One endpoint of an instance. Deleted, it stays as a tombstone for as long as it has logs; its name is free again.</summary>
internal sealed class EndpointRow
{
    public const string TableName = "webhook_endpoints";

    /// <summary>Given out once, ever.</summary>
    public long Id { get; init; }

    public required string Instance { get; init; }

    public required string Name { get; init; }

    /// <summary>Where events are posted to; null for nowhere.</summary>
    public string? Url { get; set; }

    /// <summary>The types that are posted, as <see cref="EventTypeSet.ToBits"/>; null for those that the instance subscribes to.</summary>
    public int? Types { get; set; }

    public bool IsEnabled { get; set; } = true;

    public WebhookBodyKind BodyKind { get; set; }

    /// <summary>A JSON object of the headers that its user set.</summary>
    public string Headers { get; set; } = "{}";

    public WebhookOrder Order { get; set; }

    /// <summary>The signing secret, protected.</summary>
    public byte[] Secret { get; set; } = [];

    /// <summary>Those before the last rotations that hold still, protected; null where there are none.</summary>
    public byte[]? PreviousSecret { get; set; }

    /// <summary>Until when the last of them holds.</summary>
    public long? PreviousSecretUntilMilliseconds { get; set; }

    /// <summary>A sequence: each event at or below it has a delivery, or was filtered out.</summary>
    public long Position { get; set; }

    /// <summary>The sequence at which the endpoint was made: events at or below it are from before its time.</summary>
    public long FirstPosition { get; init; }

    public long? LastSuccessAtMilliseconds { get; set; }

    /// <summary>The first failure since the last success; null while it is well.</summary>
    public long? FailingSinceMilliseconds { get; set; }

    /// <summary>Why it is disabled: <c>gone</c>, <c>failing</c> or <c>user</c>; while it is enabled <c>url_taken</c> where it had a URL once, else null.</summary>
    public string? DisabledReason { get; set; }

    public long? DisabledAtMilliseconds { get; set; }

    /// <summary>When it was deleted; null while it is not.</summary>
    public long? DeletedAtMilliseconds { get; set; }

    public long CreatedAtMilliseconds { get; init; }

    public long UpdatedAtMilliseconds { get; set; }
}

/// <summary>What of an event is posted.</summary>
internal enum WebhookBodyKind
{
    /// <summary>Its <c>data</c>.</summary>
    Data,

    /// <summary>The whole envelope.</summary>
    Envelope,
}

/// <summary>What an event that fails holds up.</summary>
internal enum WebhookOrder
{
    /// <summary>Nothing.</summary>
    Parallel,

    /// <summary>Later events of its chat.</summary>
    Chat,
}

internal sealed class EndpointTable : IEntityTypeConfiguration<EndpointRow>
{
    public void Configure(EntityTypeBuilder<EndpointRow> builder)
    {
        builder.ToTable(EndpointRow.TableName);
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedOnAdd();
        builder.HasIndex(row => new { row.Instance, row.Name }).IsUnique().HasFilter("\"DeletedAtMilliseconds\" IS NULL");
        // The other one leaves out the tombstones.
        builder.HasIndex(row => row.Instance);
    }
}
