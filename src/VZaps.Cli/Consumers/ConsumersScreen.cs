using Spectre.Console;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Consumers;

/// <summary>Shows consumers, and under them who is connected.</summary>
internal sealed class ConsumersScreen(IAnsiConsole console, bool isTerminal)
{
    public void Show(IReadOnlyList<Consumer> consumers)
    {
        if (consumers.Count == 0)
        {
            console.WriteLine("No consumer yet: one is made by its first connection.");
            return;
        }

        var table = new Listing(isTerminal, "CONSUMER", "#LAG", "#BEHIND", "#CONNECTIONS", "#DEAD", "WINDOW FULL SINCE", "LAST GAP", "POSITION", "TYPES");
        foreach (var consumer in consumers)
        {
            table.Add(
                consumer.Name,
                $"{consumer.Lag}",
                ShortTime.Of(TimeSpan.FromSeconds(consumer.LagSeconds)),
                $"{consumer.Connections?.Count ?? 0}",
                $"{consumer.DeadLetters}",
                ShortTime.Of(consumer.WindowFullSince),
                consumer.LastGap is { } gap ? $"{gap.Events} event(s) at {ShortTime.Of(gap.At)}" : null,
                consumer.Position,
                Names(consumer.Types));
        }

        table.WriteTo(console);
        ShowConnections(consumers);
    }

    private void ShowConnections(IReadOnlyList<Consumer> consumers)
    {
        var table = new Listing(isTerminal, "CONNECTION OF", "ADDRESS", "CLIENT", "SINCE", "#OPEN", "#WINDOW", "#SENT", "#ACKED", "EXTENSION", "TYPES");
        foreach (var consumer in consumers)
        {
            foreach (var connection in consumer.Connections ?? [])
            {
                table.Add(
                    consumer.Name,
                    connection.Address,
                    connection.UserAgent,
                    ShortTime.Of(connection.ConnectedAt),
                    $"{connection.Open}",
                    $"{connection.Window}",
                    $"{connection.Sent}",
                    $"{connection.Acked}",
                    connection.Extension ? "yes" : "no",
                    Names(connection.Types));
            }
        }

        if (table.IsEmpty)
            return;
        console.WriteLine();
        table.WriteTo(console);
    }

    // All nine would take half of the screen.
    private static string Names(IReadOnlyList<string>? types) =>
        types is null ? "" : types.Count == EventType.Known.Count ? "all" : string.Join(',', types);
}
