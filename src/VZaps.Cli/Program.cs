using System.CommandLine;
using System.CommandLine.Invocation;
using VZaps.Cli;
using VZaps.Cli.Consumers;
using VZaps.Cli.DeadLetters;
using VZaps.Cli.Demo;
using VZaps.Cli.Gateways;
using VZaps.Cli.Logs;
using VZaps.Cli.Media;
using VZaps.Cli.Publish;
using VZaps.Cli.Simulate;
using VZaps.Cli.Soak;
using VZaps.Cli.Sources;
using VZaps.Cli.Tail;

var root = new RootCommand("Tools around VZaps, a durable realtime gateway for WhatsApp events. Begin with 'vzaps demo'.")
{
    DemoCommand.Create(),
    PublishCommand.Create(),
    TailCommand.Create(),
    SourcesCommand.Create(),
    MediaCommand.Create(),
    SimulateCommand.Create(),
    ConsumersCommand.Create(),
    DeadLettersCommand.Create(),
    LogCommand.Create(),
    SoakCommand.Create(),
    SoakGatewayCommand.Create(),
};
var parsed = root.Parse(args);
// A mistake is easier to see without the whole help below it.
if (parsed.Action is ParseErrorAction mistake && args.Length > 0)
    mistake.ShowHelp = false;
// Ctrl+C and SIGTERM cancel the command, and it ends by itself; after this time it is ended.
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = CommandAction.TimeToEnd });
return parsed.Errors.Count > 0 ? ExitCode.Misuse : code;
