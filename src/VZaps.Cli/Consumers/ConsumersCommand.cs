using System.CommandLine;
using System.Text.Json;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Consumers;

/// <summary><c>vzaps consumers</c> with <c>seek</c> and <c>forget</c>.</summary>
internal sealed class ConsumersCommand
{
    private readonly AccessOptions _access = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print each consumer as one line of JSON.", Recursive = true };

    public static Command Create() => new ConsumersCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("consumers", $$$"""
            Shows who reads an instance: the consumers (durable reading positions) with their lag and live connections.

            LAG is how many events wait for a consumer, BEHIND how long the oldest of them has been in the log. WINDOW FULL SINCE means
            that a connection gets nothing more until it acks. LAST GAP is the last time that retention removed events before the consumer had
            them. 'vzaps deadletters' shows the DEAD.

            Examples:
              vzaps consumers
              vzaps consumers --json | jq -r 'select(.lag > 1000) | .name'
              vzaps consumers seek default --to end --force

            {{{AccessOptions.Help}}}

            {{{ExitCode.Help}}}
            """) { _json, CreateSeek(), CreateForget() };
        _access.AddTo(command);
        command.Does(ListAsync);
        return command;
    }

    private Command CreateSeek()
    {
        var name = new Argument<string>("NAME") { Description = "The consumer." };
        var to = new Option<string?>("--to") { Description = "'start' to read all that is retained again, 'end' to skip all that waits.", HelpName = "start|end" };
        to.AcceptOnlyFromAmong("start", "end");
        var after = new Option<string?>("--after") { Description = "Go on after this event.", HelpName = "EVENT_ID" };
        var time = new Option<string?>("--time") { Description = "Go on with the first event appended at or after this time, such as 2026-06-23T22:57:17Z.", HelpName = "TIME" };
        var force = Force();
        var command = new Command("seek", $"""
            Moves a consumer, to read again or to skip. What it is moved past it does not get.

            Examples:
              vzaps consumers seek default --to end
              vzaps consumers seek billing --after evt_01J… --force
              vzaps consumers seek billing --time 2026-06-23T00:00:00Z

            {ExitCode.Help}
            """) { name, to, after, time, force };
        command.Checks(given =>
        {
            if (new[] { given.GetValue(to), given.GetValue(after), given.GetValue(time) }.Count(value => value is not null) != 1)
                given.AddError("Give one of --to start|end, --after EVENT_ID and --time TIME.");
            if (given.GetValue(time) is { } text && !Rfc3339.TryParse(text, out _))
                given.AddError("--time takes a time such as 2026-06-23T22:57:17Z.");
            if (given.GetValue(after) is { } id && !EventPosition.TryParse(id, out _))
                given.AddError("--after takes an event id: evt_ and 26 characters.");
        });
        command.Does(async (parsed, stopping) =>
        {
            await using var api = new InstanceApi(_access.Read(parsed));
            var seek = new Seek(parsed.GetValue(after), parsed.GetValue(time), parsed.GetValue(to));
            Show([await new ConsumersApi(api).SeekAsync(parsed.GetRequiredValue(name), seek, parsed.GetValue(force), stopping)], parsed.GetValue(_json));
            return ExitCode.Success;
        });
        return command;
    }

    private Command CreateForget()
    {
        var name = new Argument<string>("NAME") { Description = "The consumer." };
        var force = Force();
        var command = new Command("forget", $"""
            Forgets a consumer with its position and its dead letters. If it connects again it begins at the log's end, as a new one.

            Example:
              vzaps consumers forget old-worker

            {ExitCode.Help}
            """) { name, force };
        command.Does(async (parsed, stopping) =>
        {
            await using var api = new InstanceApi(_access.Read(parsed));
            var gone = await new ConsumersApi(api).ForgetAsync(parsed.GetRequiredValue(name), parsed.GetValue(force), stopping);
            await Console.Out.WriteLineAsync(parsed.GetValue(_json)
                ? JsonSerializer.Serialize(gone, ConsumersJson.Default.Forgotten)
                : $"Forgot {PlainText.Of(gone.Name)}.");
            return ExitCode.Success;
        });
        return command;
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken stopping)
    {
        await using var api = new InstanceApi(_access.Read(parsed));
        Show(await new ConsumersApi(api).ListAsync(stopping), parsed.GetValue(_json));
        return ExitCode.Success;
    }

    private static void Show(List<Consumer> consumers, bool asJson)
    {
        if (!asJson)
        {
            var isTerminal = !Console.IsOutputRedirected;
            new ConsumersScreen(ScreenConsole.Create(Console.Out, isTerminal, Environment.GetEnvironmentVariable), isTerminal).Show(consumers);
            return;
        }

        foreach (var consumer in consumers)
            Console.Out.WriteLine(JsonSerializer.Serialize(consumer, ConsumersJson.Default.Consumer));
    }

    private static Option<bool> Force() => new("--force") { Description = "Close its live connections (1001; clients come back by themselves) instead of being refused." };
}
