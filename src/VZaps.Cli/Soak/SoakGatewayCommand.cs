using System.CommandLine;
using VZaps.Gateway.Hosting;

namespace VZaps.Cli.Soak;

/// <summary>
/// The gateway as a process of its own, which <c>vzaps soak</c> starts and kills. It lives no longer than its standard input: when the soak is
/// killed itself, that ends, and no gateway is left behind.
/// </summary>
internal static class SoakGatewayCommand
{
    public const string Name = "soak-gateway";

    public static Command Create()
    {
        var settings = new Argument<string[]>("SETTINGS") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(Name, "Runs the gateway for 'vzaps soak'.") { settings };
        command.Hidden = true;
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellation) =>
        {
            _ = Task.Run(EndWithInputAsync, cancellation);
            return CommandLine.RunAsync([.. parsed.GetValue(settings)!, .. parsed.UnmatchedTokens]);
        });
        return command;
    }

    private static async Task EndWithInputAsync()
    {
        await using var input = Console.OpenStandardInput();
        var buffer = new byte[1];
        while (await input.ReadAsync(buffer) > 0)
        {
            // Nothing is said on it; its end is what counts.
        }

        Environment.Exit(ExitCode.Failure);
    }
}
