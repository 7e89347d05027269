using System.CommandLine;
using System.Text.Json;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Media;

/// <summary><c>vzaps media</c> with <c>get</c>, <c>refetch</c> and <c>list</c>.</summary>
internal sealed class MediaCommand
{
    private const int MaxPage = 1_000;

    /// <summary>As long as the SDK waits at most.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly AccessOptions _access = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print each answer as one line of JSON.", Recursive = true };

    public static Command Create() => new MediaCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("media", $"""
            The files of events: pictures, voice notes, videos, documents, stickers.

            Examples:
              vzaps media list --status failed
              vzaps media get evt_01J… --output voice.ogg
              vzaps media get med_4T9Q… --link
              vzaps media refetch --all

            {AccessOptions.Help}

            {ExitCode.Help}
            """)
        {
            _json,
            List(),
            Get(),
            Refetch(),
        };
        _access.AddTo(command);
        return command;
    }

    private Command List()
    {
        var status = new Option<string?>("--status") { Description = "Only those: stored, pending, failed; several comma-separated.", HelpName = "STATUS" };
        var limit = new Option<long?>("--limit") { Description = "List at most N. Without it: all.", HelpName = "N" };
        var command = new Command("list", "Lists the files, the newest first.") { status, limit };
        command.Checks(given =>
        {
            if (given.GetValue(limit) is < 1)
                given.AddError("--limit takes a number from 1 up.");
            if (given.GetValue(status) is { } names && StatusesOf(names) is null)
                given.AddError($"--status '{names}' is not one of stored, pending, failed, or several of them comma-separated.");
        });
        command.Does(async (parsed, stopping) =>
        {
            await using var client = new MediaClient(_access.Read(parsed));
            var most = parsed.GetValue(limit) ?? long.MaxValue;
            var request = new ListMediaRequest { Statuses = StatusesOf(parsed.GetValue(status)), Limit = (int)Math.Min(most, MaxPage) };
            await WriteAsync(client.Files.ListAllAsync(client.InstanceId, request, stopping), most, parsed.GetValue(_json));
            return ExitCode.Success;
        });
        return command;
    }

    private Command Get()
    {
        var id = new Argument<string>("ID") { Description = "The file's (med_…) or its event's (evt_…)." };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write it; - for standard output. Without it: its own name, in this folder; the id, where it has none that a disk takes.", HelpName = "FILE" };
        var link = new Option<bool>("--link") { Description = "Print a new link, and download nothing." };
        var wait = new Option<TimeSpan?>("--wait")
        {
            Description = "How long to wait for one that is still being fetched, such as 30s or 5m. Without it: 1h, which is the most.",
            HelpName = "TIME",
            CustomParser = Duration.Parse,
        };
        var command = new Command("get", """
            Downloads a file, and checks its length and SHA-256; one that is still being fetched is waited for. What broke off goes on where it broke, also
            at the next call: until it is whole, it is in FILE.part, or in ID.download.part where no --output is given. A file that is there is not written over, unless --output names it.
            """) { id, output, link, wait };
        command.Checks(given =>
        {
            if (given.GetValue(wait) is { } time && (time < TimeSpan.Zero || time > LongestWait))
                given.AddError("--wait takes 0 to 1h.");
        });
        command.Does(async (parsed, stopping) =>
        {
            var (access, longest) = (_access.Read(parsed), parsed.GetValue(wait) ?? LongestWait);
            await using var client = new MediaClient(access, longest);
            var item = await client.Files.GetAsync(client.InstanceId, parsed.GetValue(id)!, stopping);
            if (item.File is null)
                throw new VZapsException($"The gateway gave no link of {item.Id}.");
            if (parsed.GetValue(link))
            {
                // Whole: a link that is cut opens nothing.
                await Console.Out.WriteLineAsync(PlainText.OneLine(item.MediaUrl!.OriginalString));
                return ExitCode.Success;
            }

            try
            {
                if (await DownloadAsync(item, parsed.GetValue(output), stopping) is { } path)
                    await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonOf(item) : PlainText.OneLine(path));
            }
            catch (VZapsException failure)
            {
                throw new MediaFailure(access.BaseUrl, longest).Of(failure, item);
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Writes it where it is to go; the path, null for standard output.</summary>
    private static async Task<string?> DownloadAsync(MediaItem item, string? output, CancellationToken stopping)
    {
        switch (output)
        {
            case null:
                return await NamedDownload.RunAsync(item, Directory.GetCurrentDirectory(), stopping);
            case "-":
                await using (var standard = Console.OpenStandardOutput())
                await using (var content = await item.File!.OpenReadAsync(stopping))
                    await content.CopyToAsync(standard, stopping);
                return null;
            default:
                await item.File!.DownloadAsync(output, cancellationToken: stopping);
                return output;
        }
    }

    private Command Refetch()
    {
        var id = new Argument<string?>("ID") { Description = "The file's (med_…) or its event's (evt_…).", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All of the instance's that failed." };
        var command = new Command("refetch", "Fetches files again that could not be fetched.") { id, all };
        command.Checks(given =>
        {
            if (given.GetValue(all) == given.GetValue(id) is not null)
                given.AddError("Give an ID or --all, one of the two.");
        });
        command.Does(async (parsed, stopping) =>
        {
            await using var client = new MediaClient(_access.Read(parsed));
            if (parsed.GetValue(id) is { } one)
            {
                var item = await client.Files.RefetchAsync(client.InstanceId, one, stopping);
                await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonOf(item) : $"{PlainText.Of(item.Id)} is {MediaLine.StatusOf(item)}.");
                return ExitCode.Success;
            }

            var again = new FetchedAgain(await client.Files.RefetchAllAsync(client.InstanceId, stopping));
            await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonSerializer.Serialize(again, MediaJson.Readable.FetchedAgain) : $"{again.Again} fetched again.");
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task WriteAsync(IAsyncEnumerable<MediaItem> all, long most, bool asJson)
    {
        var items = FirstAsync(all, most);
        if (asJson)
        {
            await foreach (var item in items)
                await Console.Out.WriteLineAsync(JsonOf(item));
            return;
        }

        var isTerminal = !Console.IsOutputRedirected;
        var table = new Listing(isTerminal, "MEDIA", "STATUS", "SOURCE", "TYPE", "#SIZE", "CREATED AT", "NAME", "ERROR");
        await foreach (var item in items)
            table.Add(item.Id, MediaLine.StatusOf(item), item.Source, item.MimeType, item.Size?.ToString(), ShortTime.Of(item.CreatedAt), item.FileName, item.Error?.Code);
        if (table.IsEmpty)
            await Console.Out.WriteLineAsync("No files.");
        else
            table.WriteTo(ScreenConsole.Create(Console.Out, isTerminal, Environment.GetEnvironmentVariable));
    }

    private static async IAsyncEnumerable<MediaItem> FirstAsync(IAsyncEnumerable<MediaItem> items, long most)
    {
        await foreach (var item in items)
        {
            yield return item;
            // Before the next is asked for: it may be on another page.
            if (--most == 0)
                yield break;
        }
    }

    /// <summary>The statuses that are named; null where nothing, or something else, is.</summary>
    private static List<MediaStatus>? StatusesOf(string? names)
    {
        var statuses = new List<MediaStatus>();
        foreach (var name in (names ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Enum.TryParse<MediaStatus>(name, ignoreCase: true, out var status) || status == MediaStatus.Unknown || !char.IsLetter(name[0]))
                return null;
            statuses.Add(status);
        }

        return statuses.Count > 0 ? statuses : null;
    }

    private static string JsonOf(MediaItem item) => JsonSerializer.Serialize(MediaLine.Of(item), MediaJson.Readable.MediaLine);
}
