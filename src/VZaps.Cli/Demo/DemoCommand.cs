using System.CommandLine;
using VZaps.Cli.Demo.Phone;
using VZaps.Cli.Demo.Screen;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Demo;

/// <summary><c>vzaps demo</c>: its options, and how it ends.</summary>
internal static class DemoCommand
{
    private const int Success = 0;
    private const int Failure = 1;
    private const double MaxRate = 1_000;

    public static Command Create()
    {
        var count = new Option<long?>("--count", "-n")
        {
            Description = "End after N events were received and acked, with exit code 0 (1 where one was lost). Without it the demo runs until Ctrl+C.",
            HelpName = "N",
        };
        var port = new Option<int>("--port", "-p")
        {
            Description = "The loopback port of the gateway; 0 takes a free one.",
            HelpName = "PORT",
            DefaultValueFactory = _ => 0,
        };
        var rate = new Option<double?>("--rate", "-r")
        {
            Description = "Events a second that the phone publishes. Without it the phone keeps the pace of people, about two events a second.",
            HelpName = "N",
        };
        count.Validators.Add(given => Check(given, given.GetValueOrDefault<long?>() is null or >= 1, "--count takes a number from 1 up."));
        port.Validators.Add(given => Check(given, given.GetValueOrDefault<int>() is >= 0 and <= 65_535, "--port takes a number from 0 to 65535."));
        rate.Validators.Add(given => Check(given, given.GetValueOrDefault<double?>() is null or (> 0 and <= MaxRate), $"--rate takes a number above 0 and up to {MaxRate}."));

        var command = new Command("demo", """
            Shows the gateway and the SDK at work, with nothing to set up.

            Starts a gateway on a loopback port with a temporary store, makes an instance, and lets a simulated phone publish a
            conversation of all nine event types. A subscriber made with the SDK prints each event as it arrives and acks it. The
            first lines tell the address and the ids, and a curl command that publishes one more event; paste it into another terminal
            and the event shows up too. Ctrl+C ends the demo with a summary and deletes the store.

            Examples:
              vzaps demo                    watch until Ctrl+C
              vzaps demo --count 12         one event of each kind at least, then end: for scripts
              vzaps demo --rate 50 -n 500   faster than people
              NO_COLOR=1 vzaps demo         without colour (in a pipe it has none anyway)
            """) { count, port, rate };
        command.SetAction((parsed, stopping) =>
            RunAsync(new DemoOptions(parsed.GetValue(count), parsed.GetValue(port), parsed.GetValue(rate)), stopping));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken stopping)
    {
        var console = ScreenConsole.Create(Console.Out, !Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        var text = new DemoText(console);
        try
        {
            var summary = await new DemoRun(options, new EventPrinter(console, Cast.NameOf), text, Console.Error, TimeProvider.System).RunAsync(stopping);
            text.Summarize(summary);
            return summary.Lost == 0 ? Success : Failure;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped while it was starting: there is nothing to sum up.
            return Success;
        }
        catch (Exception failure) when (failure is VZapsException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The demo failed: {failure.Message}");
            return Failure;
        }
    }

    private static void Check(System.CommandLine.Parsing.OptionResult given, bool isRight, string message)
    {
        if (!isRight)
            given.AddError(message);
    }
}
