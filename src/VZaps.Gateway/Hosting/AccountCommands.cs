using System.CommandLine;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Hosting;

/// <summary><c>accounts add|list|rotate|remove</c>: written to the table, where a running gateway finds it within a second.</summary>
internal static class AccountCommands
{
    private const int MaxNameLength = 255;

    private static readonly Option<string?> DataPath = new("--data-path") { Description = "The data folder (VZAPS_DATA_PATH, else ./data).", Recursive = true };
    private static readonly Option<string> Name = new("--name") { Description = "What to call the account.", Required = true };
    private static readonly Option<string> ClientToken = new("--client-token") { Description = "The account's client token.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };
    private static readonly Option<bool> Force = new("--force") { Description = "Remove the account's instances too." };

    public static Command Create()
    {
        var accounts = new Command("accounts", "Works on the accounts; the gateway may be running or not.") { DataPath };
        var add = new Command("add", "Adds an account and prints its client token and secret, once.") { Name, Json };
        add.SetAction(AddAsync);
        var list = new Command("list", "Lists the accounts.") { Json };
        list.SetAction(ListAsync);
        var rotate = new Command("rotate", "Gives an account a new secret; its access tokens are void.") { ClientToken, Json };
        rotate.SetAction(RotateAsync);
        var remove = new Command("remove", "Removes an account.") { ClientToken, Force };
        remove.SetAction(RemoveAsync);
        accounts.Add(add);
        accounts.Add(list);
        accounts.Add(rotate);
        accounts.Add(remove);
        return accounts;
    }

    private static async Task<int> AddAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var name = arguments.GetRequiredValue(Name).Trim();
        if (name.Length is 0 or > MaxNameLength)
            return await RefuseAsync($"--name has {name.Length} characters; give 1 to {MaxNameLength}.");
        var databases = await OpenAsync(arguments, cancellationToken);
        var made = AccountStore.NewCredentials();
        await new AccountStore(databases, TimeProvider.System).AddAsync(name, made, cancellationToken);
        await PrintAsync(arguments, made);
        return 0;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var accounts = await new AccountStore(await OpenAsync(arguments, cancellationToken), TimeProvider.System).ListAsync(cancellationToken);
        if (arguments.GetValue(Json))
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
                accounts.Select(account => new { account.ClientToken, account.Name, CreatedAt = Rfc3339.ToText(account.CreatedAt) }), WireJson.Options));
            return 0;
        }

        foreach (var account in accounts)
            await Console.Out.WriteLineAsync($"{account.ClientToken}  {Rfc3339.ToText(account.CreatedAt)}  {account.Name}");
        return 0;
    }

    private static async Task<int> RotateAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var clientToken = arguments.GetRequiredValue(ClientToken);
        var databases = await OpenAsync(arguments, cancellationToken);
        var rotated = AccountStore.NewCredentials() with { ClientToken = clientToken };
        if (!await new AccountStore(databases, TimeProvider.System).RotateAsync(rotated, cancellationToken))
            return await RefuseAsync($"There is no account '{clientToken}'; 'accounts list' lists those there are.");
        await PrintAsync(arguments, rotated);
        return 0;
    }

    private static async Task<int> RemoveAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var clientToken = arguments.GetRequiredValue(ClientToken);
        var databases = await OpenAsync(arguments, cancellationToken);
        var result = await new AccountRemoval(databases).RemoveAsync(clientToken, arguments.GetValue(Force), cancellationToken);
        if (!result.Existed)
            return await RefuseAsync($"There is no account '{clientToken}'; 'accounts list' lists those there are.");
        if (!result.Removed)
            return await RefuseAsync($"The account has {result.Instances} instances. Delete them first, or remove them with it by --force.");
        await Console.Out.WriteLineAsync($"Removed {clientToken} and {result.Instances} instances.");
        return 0;
    }

    private static async Task<IDbContextFactory<GatewayDatabase>> OpenAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var configuration = GatewayConfiguration.Read([]);
        var folder = new DataFolder(arguments.GetValue(DataPath) ?? GatewayConfiguration.DataPathOf(configuration));
        var databases = new CommandDatabases(folder);
        await new SchemaUpgrade(folder, databases).RunAsync(cancellationToken);
        return databases;
    }

    private static Task PrintAsync(ParseResult arguments, AccountCredentials credentials) => Console.Out.WriteLineAsync(
        arguments.GetValue(Json)
            ? JsonSerializer.Serialize(credentials, WireJson.Options)
            : $"client_token: {credentials.ClientToken}{Environment.NewLine}client_secret: {credentials.ClientSecret}");

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return 1;
    }

    private sealed class CommandDatabases(DataFolder folder) : IDbContextFactory<GatewayDatabase>
    {
        private readonly DbContextOptions<GatewayDatabase> _options =
            (DbContextOptions<GatewayDatabase>)StorageRegistration.Use(new DbContextOptionsBuilder<GatewayDatabase>(), folder).Options;

        public GatewayDatabase CreateDbContext() => new(_options);
    }
}
