using System.CommandLine;
using VZaps.Gateway.Log;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Hosting;

/// <summary><c>gateway</c> runs the server; <c>gateway accounts …</c> works on its accounts, with the server running or not;
/// <c>gateway log …</c> on the log of one that is stopped.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("The VZaps gateway. Settings: --urls ADDRESS, --data-path FOLDER, and any other as --Section:Name VALUE.")
        {
            // Settings are the configuration's to read.
            TreatUnmatchedTokensAsErrors = false,
        };
        root.SetAction((_, cancellationToken) => ServeAsync(args, cancellationToken));
        root.Add(AccountCommands.Create());
        root.Add(LogCommands.Create());
        try
        {
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await root.Parse(args).InvokeAsync(invocation);
        }
        catch (Exception refusal) when (IsForTheOperator(refusal))
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }

    private static async Task<int> ServeAsync(string[] args, CancellationToken cancellationToken)
    {
        await using var app = GatewayApplication.Create(args);
        await app.RunAsync(cancellationToken);
        return 0;
    }

    // What the operator can mend reads as a sentence; everything else is a bug and keeps its stack.
    private static bool IsForTheOperator(Exception refusal) =>
        refusal is InvalidConfigurationException or DataFolderInUseException or InvalidDataException or EventLogCorruptException or IOException or UnauthorizedAccessException
            or FormatException;
}
