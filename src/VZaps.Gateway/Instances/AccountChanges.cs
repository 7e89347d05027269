using System.Diagnostics;
using VZaps.Gateway.Accounts;

namespace VZaps.Gateway.Instances;

/// <summary>What a change of an account means for its instances and their connections.</summary>
internal sealed class AccountChanges(AccountDirectory accounts, InstanceDirectory instances, Revocations revocations)
{
    /// <summary>Listens from now on.</summary>
    public void Listen() => accounts.Listen(OnChanged);

    private void OnChanged(AccountChange change)
    {
        var account = change.Account;
        switch (change.Kind)
        {
            case AccountChangeKind.Added:
                break;
            case AccountChangeKind.SecretRotated:
                revocations.Announce(new Revocation(RevocationKind.AccountSecretRotated, account.ClientToken, default, account.SecretVersion));
                break;
            case AccountChangeKind.Removed:
                // The account first: its connections close as revoked, not as those of deleted instances.
                revocations.Announce(new Revocation(RevocationKind.AccountRemoved, account.ClientToken, default, long.MaxValue));
                instances.ForgetAllOf(account.ClientToken);
                break;
            default:
                throw new UnreachableException();
        }
    }
}
