using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace VZaps.Cli.Screen;

/// <summary>Prints an event as one line: time (UTC), type, what happened, id; and the link of its file, whole, on one below.</summary>
/// <param name="console">Where to.</param>
/// <param name="nameOf">The name to show for an address; <see cref="NumberOf"/> where nobody is known.</param>
/// <remarks>Thread-safe.</remarks>
internal sealed class EventPrinter(IAnsiConsole console, Func<string, string> nameOf)
{
    private static readonly int TypeWidth = EventType.Known.Max(type => type.Name.Length);
    private readonly EventDescription _description = new(nameOf);

    /// <summary>An address without its server.</summary>
    public static string NumberOf(string jid) => jid.Split('@')[0];

    public void Print(string id, EventType type, DateTimeOffset createdAt, JsonElement data)
    {
        var time = createdAt.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var name = PlainText.Of(type.Name).PadRight(TypeWidth);
        var description = PlainText.Of(_description.Of(type, data).Trim());
        console.MarkupLine(
            $"[grey]{time}[/]  [{ColorOf(type)}]{Markup.Escape(name)}[/]  {Markup.Escape(description)}  [grey]{Markup.Escape(PlainText.Of(id))}[/]");
        if (EventDescription.LinkOf(data) is { } link)
            console.MarkupLine($"{new string(' ', time.Length)}  {Markup.Escape(PlainText.OneLine(link.AbsoluteUri))}");
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
