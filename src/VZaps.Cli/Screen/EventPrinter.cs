using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace VZaps.Cli.Screen;

/// <summary>Prints an event as one line: time (UTC), type, what happened, id.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EventPrinter(IAnsiConsole console)
{
    private static readonly int TypeWidth = EventType.Known.Max(type => type.Name.Length);

    public void Print(string id, EventType type, DateTimeOffset createdAt, JsonElement data)
    {
        var time = createdAt.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var name = PlainText.Of(type.Name).PadRight(TypeWidth);
        var description = PlainText.Of(EventDescription.Of(type, data).Trim());
        console.MarkupLine(
            $"[grey]{time}[/]  [{ColorOf(type)}]{Markup.Escape(name)}[/]  {Markup.Escape(description)}  [grey]{Markup.Escape(PlainText.Of(id))}[/]");
    }

    private static string ColorOf(EventType type) => type.Name switch
    {
        "Message" => "green",
        "ReadReceipt" => "blue",
        "Presence" or "ChatPresence" => "yellow",
        "Connected" => "lime",
        "Disconnected" => "red",
        "GroupParticipantsAdd" or "GroupParticipantsRemove" => "magenta",
        _ => "aqua",
    };
}
