using System.CommandLine;
using System.CommandLine.Parsing;
using VZaps.Cli.Demo.Phone;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.Simulate;

/// <summary><c>vzaps simulate</c>: a phone for people without one.</summary>
internal sealed class SimulateCommand
{
    private const int MaxBatch = 1_000, UsualPercent = 5;

    private readonly Argument<string> _kind = new("KIND") { Description = "In whose format: cloud (WhatsApp Business Cloud API) or wuzapi." };
    private readonly Argument<string> _url = new("URL") { Description = "The source's URL, as 'vzaps sources set' prints it." };
    private readonly Option<string?> _number = new("--phone-number-id") { Description = "cloud: the id of the number, as the source was set with.", HelpName = "ID" };
    private readonly Option<string?> _script = new("--script") { Description = "A conversation: lines of 'Ana: text', and 'me: text' for the answers. Without it: a random one.", HelpName = "FILE" };
    private readonly Option<double?> _rate = new("--rate") { Description = "Updates a second. Default 1.", HelpName = "N" };
    private readonly Option<long?> _count = new("--count") { Description = "End after N updates. Without it: at Ctrl+C, or with the script.", HelpName = "N" };
    private readonly Option<int?> _seed = new("--seed") { Description = "The same seed tells the same story.", HelpName = "N" };
    private readonly Option<int?> _batch = new("--batch") { Description = "cloud: updates in one body. Default 1.", HelpName = "N" };
    private readonly Option<int?> _duplicates = new("--duplicates") { Description = "How many of 100 bodies come twice. Default 5.", HelpName = "N" };
    private readonly Option<int?> _disorder = new("--disorder") { Description = "How many of 100 bodies come later than those behind them. Default 5.", HelpName = "N" };

    public static Command Create() => new SimulateCommand().CreateCommand();

    private Command CreateCommand()
    {
        _kind.AcceptOnlyFromAmong("cloud", "wuzapi");
        var command = new Command("simulate", $"""
            Plays a phone: posts a conversation to a source's URL in the format of its sender, signed, in batches, again until it is answered 200, and now and then
            twice or out of order, as senders do. For developing against, without a number.

            The secret comes from the environment: VZAPS_APP_SECRET (cloud), VZAPS_HMAC_KEY (wuzapi, where the source has one).

            Examples:
              VZAPS_APP_SECRET=… vzaps simulate cloud http://localhost:8080/sources/src_… --phone-number-id 200000000000002
              vzaps simulate wuzapi http://localhost:8080/sources/src_…/vzu_… --rate 20 --count 500 --duplicates 20 --disorder 20
              vzaps simulate wuzapi http://localhost:8080/sources/src_…/vzu_… --script talk.txt

            {ExitCode.Help}
            """) { _kind, _url, _number, _script, _rate, _count, _seed, _batch, _duplicates, _disorder };
        command.Checks(Check);
        command.Does(RunAsync);
        return command;
    }

    private void Check(CommandResult given)
    {
        if (!Uri.TryCreate(given.GetValue(_url), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            given.AddError("URL takes the http or https address of a source.");
        if (given.GetValue(_kind) == "cloud" && string.IsNullOrEmpty(given.GetValue(_number)))
            given.AddError("cloud needs --phone-number-id.");
        if (given.GetValue(_rate) is not (null or (> 0 and <= 100_000)))
            given.AddError("--rate takes a number over 0, up to 100000.");
        if (given.GetValue(_batch) is < 1 or > MaxBatch)
            given.AddError($"--batch takes 1 to {MaxBatch}.");
        if (given.GetValue(_duplicates) is < 0 or > 100 || given.GetValue(_disorder) is < 0 or > 100)
            given.AddError("--duplicates and --disorder take 0 to 100.");
        if (given.GetValue(_count) is < 1)
            given.AddError("--count takes a number from 1 up.");
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stopping)
    {
        var isCloud = parsed.GetValue(_kind) == "cloud";
        var variable = isCloud ? "VZAPS_APP_SECRET" : "VZAPS_HMAC_KEY";
        var secret = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
        if (isCloud && secret is null)
            throw new MisuseException($"{variable} is missing: set it to the app secret that the source was set with.");
        var options = new SimulateOptions
        {
            IsCloud = isCloud,
            Url = new Uri(parsed.GetValue(_url)!),
            PhoneNumberId = parsed.GetValue(_number) ?? "",
            Secret = secret,
            Rate = parsed.GetValue(_rate) ?? 1,
            Count = parsed.GetValue(_count),
            Seed = parsed.GetValue(_seed) ?? Random.Shared.Next(),
            Batch = parsed.GetValue(_batch) ?? 1,
            Duplicates = parsed.GetValue(_duplicates) ?? UsualPercent,
            Disorder = parsed.GetValue(_disorder) ?? UsualPercent,
        };
        var conversation = parsed.GetValue(_script) is { } file
            ? Script.Read(await File.ReadAllLinesAsync(file, stopping), TimeProvider.System)
            : new Conversation(new Random(options.Seed), TimeProvider.System).Events();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        await new SimulateRun(options, http, Console.Out, TimeProvider.System).RunAsync(conversation, stopping);
        return ExitCode.Success;
    }
}
