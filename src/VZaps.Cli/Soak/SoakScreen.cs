using Spectre.Console;
using VZaps.Cli.Screen;

namespace VZaps.Cli.Soak;

/// <summary>What a soak says: that it goes on, and its account.</summary>
internal sealed class SoakScreen(IAnsiConsole console, bool isTerminal)
{
    private bool _saidCatchingUp;

    public void Begin(SoakOptions options, Uri gateway) => console.WriteLine(
        $"seed {options.Seed}; gateway {gateway.GetLeftPart(UriPartial.Authority)}; {options.Publishers} publishers, {options.Instances} instances,"
        + $" a kill every {ShortTime.Of(options.KillEvery)}, cuts every {ShortTime.Of(options.CutEvery)}");

    public void Progress(TimeSpan elapsed, long accepted, long furthestBehind, int kills, long cuts) => console.WriteLine(
        $"{(int)elapsed.TotalMinutes:00}:{elapsed.Seconds:00}  accepted {accepted}, furthest behind {furthestBehind}, kills {kills}, cuts {cuts}");

    public void CatchingUp(long missing)
    {
        if (_saidCatchingUp)
            return;
        _saidCatchingUp = true;
        console.WriteLine($"publishing has ended; the furthest consumer has {missing} to go");
    }

    public void Account(SoakAccount account)
    {
        console.WriteLine();
        var table = new Listing(isTerminal, "CONSUMER", "INSTANCE", "#ACCEPTED", "#DELIVERED", "#REDELIVERED", "#DEAD", "#LOST", "#OUT OF ORDER");
        foreach (var consumer in account.Consumers)
        {
            table.Add(
                consumer.Consumer, consumer.InstanceId, $"{consumer.Accepted}", $"{consumer.Delivered}", $"{consumer.Redelivered}", $"{consumer.Dead}",
                $"{consumer.Lost}", $"{consumer.OutOfOrder}");
        }

        table.WriteTo(console);
        console.WriteLine();
        Field("accepted", account.Accepted);
        Field("publishes sent again", account.Repeats);
        Field("stored twice", account.StoredTwice);
        Field("never answered", account.NeverAnswered);
        Field("duplicates that the SDK kept from handlers", account.Dropped);
        Field("kills", account.Kills);
        Field("cuts", account.Cuts);
        console.WriteLine($"{ShortTime.Of(account.Length)} in all");
        foreach (var consumer in account.Consumers.Where(consumer => consumer.Lost > 0))
            console.WriteLine($"lost by {consumer.Consumer} of {consumer.InstanceId}: keys {string.Join(", ", consumer.FirstLost.Select(number => $"soak-{number}"))}{(consumer.Lost > consumer.FirstLost.Count ? ", …" : "")}");
        console.MarkupLine(account.Holds
            ? "[green]Nothing was lost, and nothing died.[/]"
            : "[red]FAILED: something was lost, dead, stored twice, out of order, never answered, or never published.[/]");
    }

    private void Field(string name, long value) => console.WriteLine($"{name,-44}{value}");
}
