using System.CommandLine;
using System.Text.Json;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;
using VZaps.Cli.Screen;

namespace VZaps.Cli.DeadLetters;

/// <summary><c>vzaps deadletters</c> with <c>redeliver</c> and <c>delete</c>.</summary>
internal sealed class DeadLettersCommand
{
    private readonly AccessOptions _access = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print each answer as one line of JSON; a letter has its whole event.", Recursive = true };
    private readonly Option<long?> _limit = new("--limit") { Description = "List at most N. Without it: all.", HelpName = "N" };

    private readonly Option<string> _consumer = new("--consumer", "-c")
    {
        Description = "Whose dead letters.",
        HelpName = "NAME",
        DefaultValueFactory = _ => ConsumerName.Default,
        Recursive = true,
    };

    public static Command Create() => new DeadLettersCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("deadletters", $$$"""
            Lists a consumer's dead letters: events that were not acked though they were delivered often enough, were rejected, or were
            passed over. They are kept for 30 days, and nothing else is lost by them.

            Reasons: max_deliveries (delivered, never acked), rejected (by the client, with its words), kills_reader (connections ended with it
            again and again), skipped_by_cursor (a client began behind it), abandoned (too many waited for an ack).

            Examples:
              vzaps deadletters
              vzaps deadletters --consumer billing --json | jq -r .event.data
              vzaps deadletters redeliver --all --consumer billing
              vzaps deadletters delete evt_01J…

            {{{AccessOptions.Help}}}

            {{{ExitCode.Help}}}
            """)
        {
            _json,
            _limit,
            _consumer,
            Create("redeliver", "Delivers dead letters again, to the consumer's live connections or to the next. They stay listed until they are acked.", RedeliverAsync),
            Create("delete", "Deletes dead letters for good: the consumer never gets these events.", DeleteAsync),
        };
        _access.AddTo(command);
        command.Checks(given =>
        {
            if (given.GetValue(_limit) is < 1)
                given.AddError("--limit takes a number from 1 up.");
        });
        command.Does(ListAsync);
        return command;
    }

    private Command Create(string name, string what, Func<DeadLettersApi, string?, CancellationToken, Task<(string Text, string Json)>> work)
    {
        var id = new Argument<string?>("EVENT_ID") { Description = "The event.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All of the consumer's." };
        var command = new Command(name, $"""
            {what}

            Examples:
              vzaps deadletters {name} evt_01J…
              vzaps deadletters {name} --all --consumer billing

            {ExitCode.Help}
            """) { id, all };
        command.Checks(given =>
        {
            if (given.GetValue(all) == given.GetValue(id) is not null)
                given.AddError("Give an EVENT_ID or --all, one of the two.");
        });
        command.Does(async (parsed, stopping) =>
        {
            await using var api = new InstanceApi(_access.Read(parsed));
            var (text, json) = await work(ApiOf(api, parsed), parsed.GetValue(id), stopping);
            await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? json : text);
            return ExitCode.Success;
        });
        return command;
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken stopping)
    {
        await using var api = new InstanceApi(_access.Read(parsed));
        var letters = ApiOf(api, parsed).ListAsync(parsed.GetValue(_limit) ?? long.MaxValue, stopping);
        if (parsed.GetValue(_json))
        {
            await foreach (var letter in letters)
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(letter, DeadLettersJson.Readable.DeadLetter));
            return ExitCode.Success;
        }

        var isTerminal = !Console.IsOutputRedirected;
        var table = new Listing(isTerminal, "EVENT", "TYPE", "REASON", "#DELIVERIES", "DIED AT", "REDELIVERED AT", "DETAIL");
        await foreach (var letter in letters)
        {
            table.Add(
                letter.EventId, letter.Type, letter.Reason, $"{letter.Deliveries}", ShortTime.Of(letter.DiedAt), ShortTime.Of(letter.RedeliveredAt), letter.Detail);
        }

        if (table.IsEmpty)
            await Console.Out.WriteLineAsync($"No dead letters of {parsed.GetValue(_consumer)}.");
        else
            table.WriteTo(ScreenConsole.Create(Console.Out, isTerminal, Environment.GetEnvironmentVariable));
        return ExitCode.Success;
    }

    private static async Task<(string Text, string Json)> RedeliverAsync(DeadLettersApi api, string? eventId, CancellationToken stopping)
    {
        if (eventId is null)
        {
            var all = await api.RedeliverAllAsync(stopping);
            return ($"{all.Redelivered} redelivered.", JsonSerializer.Serialize(all, DeadLettersJson.Readable.RedeliveredLetters));
        }

        var letter = await api.RedeliverAsync(eventId, stopping);
        return ($"{PlainText.Of(letter.EventId)} redelivered.", JsonSerializer.Serialize(letter, DeadLettersJson.Readable.DeadLetter));
    }

    private static async Task<(string Text, string Json)> DeleteAsync(DeadLettersApi api, string? eventId, CancellationToken stopping)
    {
        var gone = eventId is null ? await api.DeleteAllAsync(stopping) : await api.DeleteAsync(eventId, stopping);
        return ($"{gone.Deleted} deleted.", JsonSerializer.Serialize(gone, DeadLettersJson.Readable.DeletedLetters));
    }

    private DeadLettersApi ApiOf(InstanceApi api, ParseResult parsed) => new(api, parsed.GetValue(_consumer)!);
}
