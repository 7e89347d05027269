using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using VZaps.Gateway.Accounts;

namespace VZaps.Gateway.Instances;

internal sealed class InstanceRow
{
    public required string Id { get; init; }

    public required string Owner { get; init; }

    public required string Name { get; set; }

    public string? Webhook { get; set; }

    public int SubscribedEvents { get; set; }

    public bool Connected { get; set; }

    public long ConnectedAsOf { get; set; }

    public int TokenVersion { get; set; }

    public required byte[] TokenHash { get; set; }

    public required string Labels { get; set; }

    public long CreatedAtMilliseconds { get; init; }

    public long UpdatedAtMilliseconds { get; set; }

    public static InstanceRow Of(Instance instance) => new()
    {
        Id = instance.Id.Value,
        Owner = instance.Owner,
        Name = instance.Name,
        Webhook = instance.Webhook,
        SubscribedEvents = instance.SubscribedEvents.ToBits(),
        Connected = instance.Connected,
        ConnectedAsOf = instance.ConnectedAsOf,
        TokenVersion = instance.TokenVersion,
        TokenHash = instance.TokenHash,
        Labels = LabelsText(instance.Labels),
        CreatedAtMilliseconds = instance.CreatedAt.ToUnixTimeMilliseconds(),
        UpdatedAtMilliseconds = instance.UpdatedAt.ToUnixTimeMilliseconds(),
    };

    public Instance ToInstance() => new()
    {
        Id = InstanceId.Parse(Id),
        Owner = Owner,
        Name = Name,
        Webhook = Webhook,
        SubscribedEvents = EventTypeSet.FromBits(SubscribedEvents),
        Connected = Connected,
        ConnectedAsOf = ConnectedAsOf,
        TokenVersion = TokenVersion,
        TokenHash = TokenHash,
        Labels = JsonSerializer.Deserialize<Dictionary<string, string>>(Labels) ?? [],
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAtMilliseconds),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAtMilliseconds),
    };

    public static string LabelsText(IReadOnlyDictionary<string, string> labels) => JsonSerializer.Serialize(labels);
}

internal sealed class InstanceTable : IEntityTypeConfiguration<InstanceRow>
{
    public void Configure(EntityTypeBuilder<InstanceRow> builder)
    {
        builder.ToTable("instances");
        builder.HasKey(row => row.Id);
        // An account that went in another process takes no new instance with it into nowhere.
        builder.HasOne<AccountRow>().WithMany().HasForeignKey(row => row.Owner).OnDelete(DeleteBehavior.Restrict);
    }
}
