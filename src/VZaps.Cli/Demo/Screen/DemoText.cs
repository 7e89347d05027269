using Spectre.Console;

namespace VZaps.Cli.Demo.Screen;

/// <summary>What the demo says besides events: how to reach it, and how it went.</summary>
internal sealed class DemoText(IAnsiConsole console)
{
    public void Introduce(DemoAddress address, string storePath)
    {
        console.MarkupLine("[bold]VZaps demo[/]: a gateway, a simulated phone and a subscriber with the SDK, all in this process. Ctrl+C ends it.");
        console.WriteLine();
        Field("gateway", address.Gateway.GetLeftPart(UriPartial.Authority));
        Field("instance", address.InstanceId);
        Field("instance token", address.InstanceToken);
        Field("client token", address.ClientToken);
        Field("client secret", address.ClientSecret);
        Field("store", storePath + " (deleted at the end)");
        console.WriteLine();
        console.WriteLine("Publish one more event from another terminal, and it shows up here too:");
        console.WriteLine();
        // Without indentation and styles, so that it can be copied as it is.
        console.WriteLine(CurlLine.Of(address));
        console.WriteLine();
    }

    public void Open() => console.MarkupLine("[grey]The subscriber is connected; the phone begins.[/]");

    public void Summarize(DemoSummary summary)
    {
        console.WriteLine();
        console.MarkupLine("[bold]Summary[/]");
        Field("published", $"{summary.Published}");
        Field("received", summary.Foreign == 0 ? $"{summary.Received}" : $"{summary.Received} ({summary.Foreign} published by others)");
        Field("acked", $"{summary.Acked}");
        Field("redelivered", $"{summary.Redelivered}");
        console.MarkupLine($"  [grey]{"lost",-LabelWidth}[/][{(summary.Lost == 0 ? "green" : "red")}]{summary.Lost}[/]");
    }

    private const int LabelWidth = 16;

    private void Field(string label, string value) => console.MarkupLine($"  [grey]{label.PadRight(LabelWidth)}[/]{Markup.Escape(value)}");
}
