using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace VZaps.Gateway.Accounts;

internal sealed class AccountRow
{
    public required string ClientToken { get; init; }

    public required string Name { get; set; }

    public required byte[] SecretHash { get; set; }

    public long SecretVersion { get; set; }

    public long CreatedAtMilliseconds { get; init; }

    public Account ToAccount() => new(ClientToken, Name, SecretVersion, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAtMilliseconds));
}

/// <summary>One row that grows with each change of an account, so that a running gateway sees cheaply what a command line wrote.</summary>
internal sealed class AccountsVersionRow
{
    public const int OnlyId = 1;

    public int Id { get; init; }

    public long Version { get; init; }
}

internal sealed class AccountTables : IEntityTypeConfiguration<AccountRow>, IEntityTypeConfiguration<AccountsVersionRow>
{
    public void Configure(EntityTypeBuilder<AccountRow> builder)
    {
        builder.ToTable("accounts");
        builder.HasKey(row => row.ClientToken);
    }

    public void Configure(EntityTypeBuilder<AccountsVersionRow> builder)
    {
        builder.ToTable("accounts_version");
        builder.HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.HasData(new AccountsVersionRow { Id = AccountsVersionRow.OnlyId, Version = 1 });
    }
}
