namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>A receipt of one message or several.</summary>
internal static class WuzReceipt
{
    public static void Map(WuzUpdate update)
    {
        var receipt = update.Event;
        var type = receipt.TextOrEmpty("Type");
        var state = update.Root.Text("state") ?? StateOf(type);
        if (state is not ("Delivered" or "Read" or "ReadSelf"))
        {
            update.Count($"ReadReceipt.{state ?? type ?? "none"}");
            return;
        }

        if (receipt.Text("Chat") is not { } chat)
        {
            update.Keep("A receipt has no 'Chat'.");
            return;
        }

        var people = WuzPeople.Of(update, receipt);
        var ids = receipt.Items("MessageIDs").Select(id => id.AsText()).OfType<string>();
        update.Add(
            EventType.ReadReceipt,
            SourceTime.OfText(receipt.Text("Timestamp")),
            update.KeyOf("r", state, chat, receipt.Text("Sender"), SourceKey.HashOfSorted(ids)),
            data => people.CopyMembers(data, receipt, "Source", "truncated"),
            data => data.Text("state", state));
    }

    private static string? StateOf(string? type) => type switch
    {
        "" => "Delivered",
        "read" => "Read",
        "read-self" => "ReadSelf",
        _ => null,
    };
}
