using System.CommandLine;
using System.CommandLine.Parsing;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Tail;

/// <summary><c>vzaps tail</c>: its options and what they lead to.</summary>
internal sealed class TailCommand
{
    private const string Start = "start";

    private readonly Option<string?> _events = new("--events", "-e")
    {
        Description = $"The types to show, comma-separated: {EventType.Names}, or All. Without it: those that the instance subscribes to.",
        HelpName = "TYPES",
    };

    private readonly Option<string?> _from = new("--from")
    {
        Description = "Begin after this event, or with the oldest retained one ('start'). Without it: with what comes from now on.",
        HelpName = "EVENT_ID|start",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print each envelope as one line of JSON, as it comes." };
    private readonly Option<long?> _count = new("--count", "-n") { Description = "End after N events.", HelpName = "N" };
    private readonly AccessOptions _access = new();

    public static Command Create() => new TailCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("tail", $$$"""
            Shows an instance's events as they happen, and takes nothing from anybody.

            It reads as the consumer 'ephemeral', which keeps no position: production's consumers get every event all the same. A line is time
            (UTC), type, what happened and id; colour is on a terminal only. After a cut it goes on after the last event shown. Reconnects
            and gaps (events that retention removed) are told on standard error, so that standard output is events and nothing else.

            Examples:
              vzaps tail                                       until Ctrl+C
              vzaps tail --events Message,ReadReceipt
              vzaps tail --from start --count 100 --json       the oldest 100 envelopes
              vzaps tail --json | jq -r 'select(.type=="Message") | .data.event.Info.Sender'
              vzaps tail --from evt_01J…                       what came after that event

            {{{AccessOptions.Help}}}
            It needs all of them: the account's token and secret, and the instance's id and token.

            {{{ExitCode.Help}}}
            Ctrl+C is the usual end and gives 0.
            """) { _events, _from, _json, _count };
        _access.AddTo(command);
        command.Checks(Check);
        command.Does(RunAsync);
        return command;
    }

    private void Check(CommandResult given)
    {
        if (given.GetValue(_events) is { } names && NamesOf(names).FirstOrDefault(name => !EventType.TryParseKnown(name, out _)) is { } unknown)
            given.AddError($"'{unknown}' is no event type. --events takes: {EventType.Names}, All.");
        if (given.GetValue(_from) is { } from && from != Start && !EventPosition.TryParse(from, out _))
            given.AddError("--from takes an event id (evt_ and 26 characters) or 'start'.");
        if (given.GetValue(_count) is < 1)
            given.AddError("--count takes a number from 1 up.");
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stopping)
    {
        var access = _access.Read(parsed);
        var (names, from) = (parsed.GetValue(_events), parsed.GetValue(_from));
        var options = new TailOptions(
            names is null ? null : [.. NamesOf(names).Select(EventType.Parse)],
            from == Start ? null : from,
            from == Start,
            parsed.GetValue(_count));
        var target = new EventSubscribeRequest
        {
            InstanceId = access.InstanceId,
            InstanceToken = access.InstanceToken,
            Consumer = ConsumerName.Ephemeral,
            FailFast = true,
        };
        await using var client = access.CreateClient();
        await using var api = new InstanceApi(access);
        await using var output = StandardOutput.Open();
        await using var text = StandardOutput.OpenText();
        var shown = parsed.GetValue(_json)
            ? (ITailOutput)new JsonOutput(output)
            : new ReadableOutput(new EventPrinter(ScreenConsole.Create(text, !Console.IsOutputRedirected, Environment.GetEnvironmentVariable), EventPrinter.NumberOf));
        try
        {
            // The history knows nothing of what the instance subscribes to; both have to show the same types.
            var types = options is { FromStart: true, Events: null }
                ? (await client.Instances.GetAsync(access.InstanceId, stopping)).EventsSubscribe
                : options.Events;
            await new TailRun(options, client.Events, target with { Events = types }, new EventHistory(api), shown, Console.Error).RunAsync(stopping);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
    }

    private static string[] NamesOf(string names) => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
