using System.CommandLine;
using System.Text.Json;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Sources;

/// <summary><c>vzaps sources</c> with <c>list</c>, <c>set</c>, <c>delete</c> and <c>test</c>.</summary>
internal sealed class SourcesCommand
{
    private const string Kinds = "cloud (WhatsApp Business Cloud API) or wuzapi";

    private readonly AccessOptions _access = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print the gateway's answer as JSON.", Recursive = true };

    public static Command Create() => new SourcesCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("sources", $"""
            Where an instance's events come from: the WhatsApp Business Cloud API, or a WuzAPI of your own. One of each kind.

            Examples:
              vzaps sources list
              VZAPS_APP_SECRET=… vzaps sources set cloud --phone-number-id 200000000000002
              vzaps sources set wuzapi
              vzaps sources test cloud payload.json

            {AccessOptions.Help}

            {ExitCode.Help}
            """)
        {
            _json,
            List(),
            Set(),
            Delete(),
            Test(),
        };
        _access.AddTo(command);
        return command;
    }

    private Command List()
    {
        var command = new Command("list", "Lists the sources with what became of everything that came: received is the sum of all else.");
        command.Does(ListAsync);
        return command;
    }

    private Command Set()
    {
        var kind = Kind();
        var number = new Option<string?>("--phone-number-id") { Description = "Cloud API: the id of the number, as the app's page shows it (not the number).", HelpName = "ID" };
        var waba = new Option<string?>("--waba-id") { Description = "Cloud API: the WhatsApp Business Account. Without it: learned from the first payload.", HelpName = "ID" };
        var phone = new Option<string?>("--phone-number") { Description = "The number with its country code. Without it: learned.", HelpName = "NUMBER" };
        var failed = new Option<bool?>("--failed-receipts") { Description = "Cloud API: whether a message that could not be delivered is an event.", HelpName = "true|false" };
        var newUrl = new Option<bool>("--new-url") { Description = "WuzAPI: a new secret URL; the old one is void." };
        var command = new Command("set", """
            Sets a source, or makes it, and prints its URL, which is what its sender is given. Options that are not given leave things as they are.

            Secrets come from the environment, as an option would show in the list of processes: VZAPS_APP_SECRET, VZAPS_VERIFY_TOKEN and VZAPS_ACCESS_TOKEN
            (Cloud API; a verify token is made where there is none, and without an access token files are not fetched), VZAPS_HMAC_KEY (WuzAPI, 32 characters and up; without it the URL holds a secret). A secret that is made is printed this once.
            """) { kind, number, waba, phone, failed, newUrl };
        command.Does(async (parsed, stopping) =>
        {
            var name = parsed.GetValue(kind)!;
            var isCloud = name == "cloud";
            var settings = new SourceSettings
            {
                PhoneNumberId = parsed.GetValue(number),
                WabaId = parsed.GetValue(waba),
                PhoneNumber = parsed.GetValue(phone),
                FailedReceipts = parsed.GetValue(failed),
                NewUrl = parsed.GetValue(newUrl) ? true : null,
                AppSecret = isCloud ? FromEnvironment("VZAPS_APP_SECRET") : null,
                VerifyToken = isCloud ? FromEnvironment("VZAPS_VERIFY_TOKEN") : null,
                AccessToken = isCloud ? FromEnvironment("VZAPS_ACCESS_TOKEN") : null,
                HmacKey = isCloud || parsed.GetValue(newUrl) ? null : FromEnvironment("VZAPS_HMAC_KEY"),
            };
            await using var api = new InstanceApi(_access.Read(parsed));
            var source = await api.SendAsync(
                HttpMethod.Post, RouteOf(name), ApiBody.Json(settings, SourcesJson.Default.SourceSettings), SourcesJson.Default.Source, stopping);
            await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonSerializer.Serialize(source, SourcesJson.Readable.Source) : TextOf(source));
            return ExitCode.Success;
        });
        return command;
    }

    private Command Delete()
    {
        var kind = Kind();
        var command = new Command("delete", "Deletes a source with all that is kept of it; its events stay.") { kind };
        command.Does(async (parsed, stopping) =>
        {
            await using var api = new InstanceApi(_access.Read(parsed));
            var gone = await api.SendAsync(HttpMethod.Delete, RouteOf(parsed.GetValue(kind)!), null, SourcesJson.Default.DeletedSource, stopping);
            await Console.Out.WriteLineAsync(parsed.GetValue(_json) ? JsonSerializer.Serialize(gone, SourcesJson.Readable.DeletedSource) : $"{gone.Kind} deleted.");
            return ExitCode.Success;
        });
        return command;
    }

    private Command Test()
    {
        var kind = Kind();
        var file = new Argument<string?>("FILE") { Description = "A payload as the sender posts it; - for standard input. Without it: a sample.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("test", "Shows as JSON what a payload would become: its events, what would be counted, and why what would be kept cannot be mapped. Nothing is stored.") { kind, file };
        command.Does(async (parsed, stopping) =>
        {
            ApiBody? body = parsed.GetValue(file) is { } path ? new ApiBody(await ReadAsync(path, stopping), "application/json") : null;
            await using var api = new InstanceApi(_access.Read(parsed));
            using var answer = await api.SendAsync(HttpMethod.Post, RouteOf(parsed.GetValue(kind)!) + "/test", body, SourcesJson.Default.JsonDocument, stopping);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(answer, SourcesJson.Readable.JsonDocument));
            return ExitCode.Success;
        });
        return command;
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken stopping)
    {
        await using var api = new InstanceApi(_access.Read(parsed));
        var sources = await api.SendAsync(HttpMethod.Get, "sources", null, SourcesJson.Default.SourceArray, stopping);
        if (parsed.GetValue(_json))
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(sources, SourcesJson.Readable.SourceArray));
            return ExitCode.Success;
        }

        var isTerminal = !Console.IsOutputRedirected;
        var table = new Listing(isTerminal, "KIND", "NUMBER", "CONNECTED", "LAST SEEN", "#RECEIVED", "#PUBLISHED", "#DUPLICATES", "#NOT MAPPED", "#KEPT", "URL");
        foreach (var source in sources)
        {
            var counts = source.Counts;
            table.Add(
                source.Kind, source.PhoneNumber, source.Connected ? "yes" : "no", ShortTime.Of(source.LastSeenAt), $"{counts.Received}", $"{counts.Published}",
                $"{counts.Duplicates}", $"{counts.NotMapped.Values.Sum()}", $"{counts.Kept}", source.Url);
        }

        if (table.IsEmpty)
            await Console.Out.WriteLineAsync("No sources.");
        else
            table.WriteTo(ScreenConsole.Create(Console.Out, isTerminal, Environment.GetEnvironmentVariable));
        return ExitCode.Success;
    }

    private static Argument<string> Kind()
    {
        var kind = new Argument<string>("KIND") { Description = $"{Kinds}." };
        kind.AcceptOnlyFromAmong("cloud", "wuzapi");
        return kind;
    }

    private static string RouteOf(string kind) => $"sources/{kind}";

    private static string TextOf(Source source) => source.VerifyToken is { } token
        ? $"url: {PlainText.Of(source.Url)}\nverify_token: {PlainText.Of(token)}"
        : $"url: {PlainText.Of(source.Url)}";

    private static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static async Task<byte[]> ReadAsync(string path, CancellationToken stopping)
    {
        if (path != "-")
            return await File.ReadAllBytesAsync(path, stopping);
        using var read = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(read, stopping);
        return read.ToArray();
    }
}
