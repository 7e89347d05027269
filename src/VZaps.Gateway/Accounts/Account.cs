namespace VZaps.Gateway.Accounts;

/// <summary>An owner of instances, as it was at one moment.</summary>
/// <param name="ClientToken">The public token, which names the account.</param>
/// <param name="Name">For people.</param>
/// <param name="SecretVersion">Grows with each new secret; what was signed under another version is void.</param>
/// <param name="CreatedAt">When the account was made.</param>
internal sealed record Account(string ClientToken, string Name, long SecretVersion, DateTimeOffset CreatedAt)
{
    /// <summary>The client token as it may stand in a log or an error.</summary>
    public string ShortClientToken => Shorten(ClientToken);

    /// <summary>A client token as it may stand in a log or an error: its first characters.</summary>
    public static string Shorten(string clientToken) => clientToken.Length <= 8 ? clientToken[..(clientToken.Length / 2)] + "…" : clientToken[..8] + "…";
}

/// <summary>What happened to an account.</summary>
internal enum AccountChangeKind
{
    Added,
    SecretRotated,
    Removed,
}

/// <summary>A change that the directory holds already; <paramref name="Account"/> is the new state, or the last one where it is gone.</summary>
internal readonly record struct AccountChange(AccountChangeKind Kind, Account Account);
