using System.CommandLine;
using System.Text.Json;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Media;

/// <summary><c>vzaps media</c> with <c>get</c>, <c>refetch</c> and <c>list</c>.</summary>
internal sealed class MediaCommand
{
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
        });
        command.Does(async (parsed, stopping) =>
        {
            await using var api = new InstanceApi(_access.Read(parsed));
            await WriteAsync(new MediaApi(api).ListAsync(parsed.GetValue(status), parsed.GetValue(limit) ?? long.MaxValue, stopping), parsed.GetValue(_json));
            return ExitCode.Success;
        });
        return command;
    }

    private Command Get()
    {
        var id = new Argument<string>("ID") { Description = "The file's (med_…) or its event's (evt_…)." };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write it; - for standard output. Without it: its own name, in this folder.", HelpName = "FILE" };
        var link = new Option<bool>("--link") { Description = "Print a new link, and download nothing." };
        var command = new Command("get", "Downloads a file; one that is still being fetched is waited for. A file that is there is not written over, unless --output names it.") { id, output, link };
        command.Does(async (parsed, stopping) =>
        {
            var access = _access.Read(parsed);
            await using var api = new InstanceApi(access);
            var item = await new MediaApi(api).GetAsync(parsed.GetValue(id)!, stopping);
            if (parsed.GetValue(link))
            {
                await Console.Out.WriteLineAsync(PlainText.Of(item.MediaUrl));
                return ExitCode.Success;
            }

            using var file = new MediaFile(access.BaseUrl);
            var path = parsed.GetValue(output);
            if (path == "-")
            {
                await using var standard = Console.OpenStandardOutput();
                await file.DownloadAsync(item, standard, stopping);
                return ExitCode.Success;
            }

            var written = await DownloadAsync(file, item, path ?? NameOf(item), mayReplace: path is not null, stopping);
            await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonSerializer.Serialize(item, MediaJson.Readable.MediaItem) : PlainText.Of(written));
            return ExitCode.Success;
        });
        return command;
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
            await using var api = new InstanceApi(_access.Read(parsed));
            var media = new MediaApi(api);
            if (parsed.GetValue(id) is { } one)
            {
                var item = await media.RefetchAsync(one, stopping);
                await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonSerializer.Serialize(item, MediaJson.Readable.MediaItem) : $"{PlainText.Of(item.Id)} is {PlainText.Of(item.Status)}.");
                return ExitCode.Success;
            }

            var again = await media.RefetchAllAsync(stopping);
            await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonSerializer.Serialize(again, MediaJson.Readable.FetchedAgain) : $"{again.Again} fetched again.");
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task WriteAsync(IAsyncEnumerable<MediaItem> items, bool asJson)
    {
        if (asJson)
        {
            await foreach (var item in items)
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(item, MediaJson.Readable.MediaItem));
            return;
        }

        var isTerminal = !Console.IsOutputRedirected;
        var table = new Listing(isTerminal, "MEDIA", "STATUS", "SOURCE", "TYPE", "#SIZE", "CREATED AT", "NAME", "ERROR");
        await foreach (var item in items)
            table.Add(item.Id, item.Status, item.Source, item.MimeType, item.Size?.ToString(), ShortTime.Of(item.CreatedAt), item.FileName, item.Error?.Code);
        if (table.IsEmpty)
            await Console.Out.WriteLineAsync("No files.");
        else
            table.WriteTo(ScreenConsole.Create(Console.Out, isTerminal, Environment.GetEnvironmentVariable));
    }

    /// <summary>Writes it beside the place first, so that what has the name is whole.</summary>
    private static async Task<string> DownloadAsync(MediaFile file, MediaItem item, string path, bool mayReplace, CancellationToken stopping)
    {
        if (!mayReplace && File.Exists(path))
            throw new IOException($"{path} is there already; give --output.");
        var unfinished = path + ".part";
        try
        {
            await using (var to = File.Create(unfinished))
                await file.DownloadAsync(item, to, stopping);
            File.Move(unfinished, path, overwrite: mayReplace);
            return path;
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Its name, which is somebody else's word: no folder, and not hidden.</summary>
    private static string NameOf(MediaItem item)
    {
        var name = Path.GetFileName((item.FileName ?? "").Replace('\\', '/')).TrimStart('.');
        return name.Length > 0 && name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0 ? name : item.Id;
    }
}
