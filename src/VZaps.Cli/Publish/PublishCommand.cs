using System.CommandLine;
using System.CommandLine.Parsing;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;

namespace VZaps.Cli.Publish;

/// <summary><c>vzaps publish</c>: its options and what they lead to.</summary>
internal sealed class PublishCommand
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromMinutes(1);

    private readonly Argument<string?> _file = new("FILE")
    {
        Description = "Events, one JSON object a line (NDJSON); - or nothing for standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _type = new("--type", "-t") { Description = $"Publish one event of this type: {EventType.Names}.", HelpName = "TYPE" };
    private readonly Option<string?> _data = new("--data", "-d") { Description = "Its payload, a JSON object.", HelpName = "JSON" };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "Its idempotency key, 1 to 256 bytes: for 8 days the same key gives the same event and stores nothing.",
        HelpName = "KEY",
    };

    private readonly Option<string?> _createdAt = new("--created-at") { Description = "When it happened, as in 2026-06-23T22:57:17Z. Without it: when the gateway takes it.", HelpName = "TIME" };
    private readonly Option<bool> _json = new("--json") { Description = "Print {\"line\":…,\"id\":…,\"duplicate\":…} for each event instead of the id alone." };

    private readonly Option<TimeSpan?> _retryFor = new("--retry-for")
    {
        Description = "For how long one request is tried again, such as 10s or 5m; 0 for never. Default 1m.",
        HelpName = "TIME",
        CustomParser = Duration.Parse,
    };

    private readonly AccessOptions _access = new();

    public static Command Create() => new PublishCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("publish", $$$"""
            Publishes one event, or each line of a file or of standard input, and prints their ids, one a line, when they are durable.

            A line is {"type":"Message","data":{…},"created_at":"…","idempotency_key":"…"}; the last two may be absent. Lines go in requests of
            at most 1,000 events and 8 MiB, in order. At the first line that is refused it ends and names it: what stands before that line
            is stored, nothing from it on.

            A busy or stopping gateway (429, 503, no connection) is tried again, after the Retry-After that it gives. When an answer is lost,
            nobody knows whether the events were stored: they are sent again only if each of them has an idempotency key, by
            which the gateway knows them again for 8 days. Without keys it ends with exit code 3 instead of storing events twice. Give keys.

            Examples:
              vzaps publish --type Message --data '{"event":{"text":"hello"}}' --key greeting-1
              vzaps publish < events.ndjson
              tail -F events.ndjson | vzaps publish --json -
              vzaps tail --from start --count 10 --json | vzaps publish --instance VZ…    copies events

            {{{AccessOptions.Help}}}

            {{{ExitCode.Help}}}
              3    an answer was lost, and not every event has a key (or the tries ended): the lines that it may be about are named
              130  interrupted; the request that was under way was finished
            """) { _file, _type, _data, _key, _createdAt, _json, _retryFor };
        _access.AddTo(command);
        command.Checks(Check);
        command.Does(RunAsync);
        return command;
    }

    private void Check(CommandResult given)
    {
        var isSingle = given.GetResult(_type) is not null;
        if (isSingle != given.GetResult(_data) is not null)
            given.AddError("--type and --data go together.");
        if (isSingle && given.GetValue(_file) is not null)
            given.AddError("Give either --type and --data, or a file: not both.");
        if (!isSingle && (given.GetResult(_key) ?? given.GetResult(_createdAt)) is not null)
            given.AddError("--key and --created-at belong to --type and --data; a line has its own.");
        if (isSingle && !(EventType.TryParseKnown(given.GetValue(_type), out var type) && type.IsKnown))
            given.AddError($"--type takes one of: {EventType.Names}.");
        if (given.GetValue(_createdAt) is { } time && !Rfc3339.TryParse(time, out _))
            given.AddError("--created-at takes a time such as 2026-06-23T22:57:17Z.");
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stopping)
    {
        var single = SingleOf(parsed);
        await using var input = single is null ? OpenInput(parsed.GetValue(_file)) : Stream.Null;
        await using var api = new InstanceApi(_access.Read(parsed));
        var publisher = new BatchPublisher(
            (body, cancellationToken) => api.SendAsync(HttpMethod.Post, "events", ApiBody.Lines(body), PublishJson.Default.PublishResult, cancellationToken),
            parsed.GetValue(_retryFor) ?? DefaultPatience, Random.Shared, Console.Error, TimeProvider.System);
        var run = new PublishRun(publisher, Console.Out, Console.Error, parsed.GetValue(_json));
        return await run.RunAsync(single is null ? EventLines.ReadAsync(input, stopping) : OnlyAsync(single), stopping);
    }

    private EventBatch? SingleOf(ParseResult parsed)
    {
        if (parsed.GetValue(_type) is not { } name)
            return null;
        DateTimeOffset? createdAt = Rfc3339.TryParse(parsed.GetValue(_createdAt), out var time) ? time : null;
        return SingleEvent.Of(EventType.Parse(name), parsed.GetValue(_data)!, parsed.GetValue(_key), createdAt);
    }

    private static Stream OpenInput(string? file)
    {
        if (file is not (null or "-"))
            return File.OpenRead(file);
        // Without an argument a person may have forgotten something; with '-' they want to type.
        return file is null && !Console.IsInputRedirected
            ? throw new MisuseException("There is nothing to publish: give --type and --data, a FILE, or events on standard input. See 'vzaps publish --help'.")
            : Console.OpenStandardInput();
    }

    private static async IAsyncEnumerable<EventBatch> OnlyAsync(EventBatch batch)
    {
        await Task.CompletedTask;
        yield return batch;
    }
}
