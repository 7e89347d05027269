using System.Text.Json;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Accounts;

/// <summary>The account that a start brings: the operator's, or one that a first start makes.</summary>
internal sealed partial class Bootstrap(DataFolder folder, AccountStore store, ILogger<Bootstrap> logger)
{
    /// <summary>Where a first start without an account leaves the one it made.</summary>
    public const string FileName = "bootstrap-account.json";

    private const string AccountName = "bootstrap";
    private const int WeakSecretLength = 16;

    public async Task RunAsync(AccountCredentials? given, CancellationToken cancellationToken)
    {
        if (given is not null)
        {
            if (given.ClientSecret.Length < WeakSecretLength)
                LogWeakSecret(logger, WeakSecretLength);
            await store.EnsureAsync(AccountName, given, cancellationToken);
        }
        else if ((await store.ListAsync(cancellationToken)).Count == 0)
        {
            var made = AccountStore.NewCredentials();
            // The file first: an account whose secret nobody has would be the last one that a start makes.
            folder.WriteFileAtOnce(FileName, JsonSerializer.SerializeToUtf8Bytes(made, Http.WireJson.Options));
            await store.AddAsync(AccountName, made, cancellationToken);
            LogMade(logger, folder.PathOf(FileName));
        }
    }

    [LoggerMessage(1102, LogLevel.Information, "There was no account: made one. Its client token and secret are in {Path}.")]
    private static partial void LogMade(ILogger logger, string path);

    [LoggerMessage(1103, LogLevel.Warning, "VZAPS_CLIENT_SECRET has fewer than {Length} characters: it can be guessed. "
        + "'gateway accounts add' makes one that cannot.")]
    private static partial void LogWeakSecret(ILogger logger, int length);
}
