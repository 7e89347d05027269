using VZaps.LoadTest;
using VZaps.LoadTest.Scenarios;
using VZaps.LoadTest.Webhooks;
using VZaps.LoadTest.Workloads;

var arguments = new Arguments(args.Length > 0 ? args[1..] : []);
try
{
    return args.FirstOrDefault() switch
    {
        "catchup" => await CatchUp.RunAsync(arguments),
        "stalled" => await StalledReader.RunAsync(arguments),
        "webhooks" => await WebhookDeliveries.RunAsync(arguments),
        "all" => await Comparison.RunAsync(WorkloadList.Names, arguments),
        { } names when !names.StartsWith('-') => await Comparison.RunAsync(names.Split(','), arguments),
        _ => HelpText.Show(),
    };
}
catch (MisuseException mistake)
{
    await Console.Error.WriteLineAsync(mistake.Message);
    return HelpText.Misused;
}
