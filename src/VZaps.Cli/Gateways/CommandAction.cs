using System.CommandLine;
using System.CommandLine.Parsing;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Gateways;

/// <summary>Runs a command's work and turns what goes wrong into a sentence on standard error and an exit code.</summary>
internal static class CommandAction
{
    /// <summary>How long a command may take to end after Ctrl+C: it finishes the call that is under way, so that its outcome is known.</summary>
    public static readonly TimeSpan TimeToEnd = InstanceApi.LongestCall + TimeSpan.FromSeconds(5);

    /// <summary>Sets what a command does.</summary>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> work) =>
        command.SetAction((parsed, stopping) => RunAsync(() => work(parsed, stopping), Console.Error, stopping));

    /// <summary>Adds a check of what was given, beyond the form of each value.</summary>
    public static void Checks(this Command command, Action<CommandResult> check) => command.Validators.Add(given =>
    {
        try
        {
            check(given);
        }
        catch (InvalidOperationException)
        {
            // A value has not even the right form, and cannot be asked for; that is the mistake that is told.
        }
    });

    /// <summary>Runs the work; what went wrong is written to <paramref name="errors"/>.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> work, TextWriter errors, CancellationToken stopping)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (MisuseException mistake)
        {
            await errors.WriteLineAsync(PlainText.OneLine(mistake.Message));
            return ExitCode.Misuse;
        }
        catch (ArgumentException mistake)
        {
            // The SDK checks what it is given: a token with a line break, an address that is none.
            await errors.WriteLineAsync(PlainText.OneLine(mistake.Message));
            return ExitCode.Misuse;
        }
        catch (Exception failure) when (failure is VZapsException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(PlainText.OneLine(failure.Message));
            return ExitCode.Failure;
        }
    }
}
