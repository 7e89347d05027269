using System.CommandLine;
using System.CommandLine.Parsing;
using VZaps.Cli.Gateways;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Soak;

/// <summary><c>vzaps soak</c>: its options, and how it ends.</summary>
internal sealed class SoakCommand
{
    private static readonly TimeSpan DefaultLength = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(500);

    private readonly Option<double?> _minutes = new("--minutes", "-m") { Description = "Publish for N minutes. Default 5, unless --events, --kills or --cuts is given.", HelpName = "N" };
    private readonly Option<long> _events = new("--events") { Description = "Go on until N events were accepted at least.", HelpName = "N" };
    private readonly Option<int> _kills = new("--kills") { Description = "Go on until there were N kills at least.", HelpName = "N" };
    private readonly Option<int> _cuts = new("--cuts") { Description = "Go on until N connections were cut at least.", HelpName = "N" };
    private readonly Option<int?> _publishers = new("--publishers") { Description = "How many publish at the same time, 1 to 64. Default 4.", HelpName = "N" };
    private readonly Option<int?> _instances = new("--instances") { Description = "How many instances they publish to, 1 to 16. Default 2.", HelpName = "N" };
    private readonly Option<double?> _rate = new("--rate") { Description = "Events a second that all of them aim at. Default 1000.", HelpName = "N" };

    private readonly Option<TimeSpan?> _killEvery = new("--kill-every")
    {
        Description = "From one SIGKILL of the gateway to the next, on average. Default 20s.",
        HelpName = "TIME",
        CustomParser = Duration.Parse,
    };

    private readonly Option<TimeSpan?> _cutEvery = new("--cut-every")
    {
        Description = "How long a connection through the cutting proxy lives, on average. Default 5s.",
        HelpName = "TIME",
        CustomParser = Duration.Parse,
    };

    private readonly Option<int?> _seed = new("--seed") { Description = "Of all that is random. Without it a new one; it is printed.", HelpName = "N" };

    public static Command Create() => new SoakCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("soak", $"""
            Tries to make the gateway lose an event, with nothing to set up, and prints the account.

            Starts a gateway on loopback in a temporary folder, as a process that is killed (SIGKILL) and started again on the same folder all
            the time. Publishers give each event an idempotency key and send a batch again when its answer was lost. On each instance three
            consumers read with the SDK: 'steady', 'slow', which falls behind and has to catch up from the log, and 'cut', whose
            connection runs through a proxy that resets it in mid-frame. At the end it waits until every consumer has what was
            accepted, or nothing arrives any more for a minute, and compares by id.

            DELIVERED counts each event once; REDELIVERED what a handler got again, which at-least-once allows; LOST what was accepted and never
            came; DEAD the dead letters. The same seed gives the same kills, cuts and events, but not the same order of things.

            Examples:
              vzaps soak --minutes 5
              vzaps soak --minutes 60 --kill-every 5s --rate 3000
              vzaps soak --kills 3 --events 10000 --kill-every 2s --seed 7

            Exit codes:
              0    every accepted event reached every consumer; nothing is dead, stored twice or out of order
              1    something is, or the gateway did not come up again
              2    the command line is wrong
            """) { _minutes, _events, _kills, _cuts, _publishers, _instances, _rate, _killEvery, _cutEvery, _seed };
        command.Checks(Check);
        command.Does(RunAsync);
        return command;
    }

    private void Check(CommandResult given)
    {
        Require(given.GetValue(_minutes) is null or (> 0 and <= 100_000), "--minutes takes a number above 0.");
        Require(given.GetValue(_events) >= 0 && given.GetValue(_kills) >= 0 && given.GetValue(_cuts) >= 0, "--events, --kills and --cuts take numbers from 0 up.");
        Require(given.GetValue(_publishers) is null or (>= 1 and <= 64), "--publishers takes a number from 1 to 64.");
        Require(given.GetValue(_instances) is null or (>= 1 and <= 16), "--instances takes a number from 1 to 16.");
        Require(given.GetValue(_rate) is null or (> 0 and <= 1_000_000), "--rate takes a number above 0 and up to 1000000.");
        Require(
            !(given.GetValue(_killEvery) < ShortestPeriod) && !(given.GetValue(_cutEvery) < ShortestPeriod), "--kill-every and --cut-every take 500ms and more.");

        void Require(bool isRight, string message)
        {
            if (!isRight)
                given.AddError(message);
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stopping)
    {
        var isOpenEnded = parsed.GetValue(_events) == 0 && parsed.GetValue(_kills) == 0 && parsed.GetValue(_cuts) == 0;
        var options = new SoakOptions(
            parsed.GetValue(_minutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : isOpenEnded ? DefaultLength : TimeSpan.Zero,
            parsed.GetValue(_events),
            parsed.GetValue(_kills),
            parsed.GetValue(_cuts),
            parsed.GetValue(_publishers) ?? 4,
            parsed.GetValue(_instances) ?? 2,
            parsed.GetValue(_killEvery) ?? TimeSpan.FromSeconds(20),
            parsed.GetValue(_cutEvery) ?? TimeSpan.FromSeconds(5),
            parsed.GetValue(_rate) ?? 1_000,
            parsed.GetValue(_seed) ?? Random.Shared.Next());
        var isTerminal = !Console.IsOutputRedirected;
        var screen = new SoakScreen(ScreenConsole.Create(Console.Out, isTerminal, Environment.GetEnvironmentVariable), isTerminal);
        var account = await new SoakRun(options, screen, TimeProvider.System).RunAsync(stopping);
        screen.Account(account);
        return account.Holds ? ExitCode.Success : ExitCode.Failure;
    }
}
