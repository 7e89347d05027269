using System.Text.Json;

namespace VZaps.Client.Payloads;

/// <summary>Reads a receipt: its state stands beside <c>event</c>, or follows from <c>event.Type</c>.</summary>
internal static class ReceiptReader
{
    public static ReadReceiptEvent Read(JsonPlace data)
    {
        var receipt = data.Get("event");
        return new ReadReceiptEvent
        {
            State = State(data.OptionalText("state") ?? OfType(receipt.OptionalText("Type"))),
            MessageIds = receipt.List("MessageIDs", id => id.AsText()),
            Chat = receipt.Text("Chat"),
            Sender = receipt.OptionalText("Sender") ?? "",
            IsFromMe = receipt.Flag("IsFromMe"),
            IsGroup = receipt.Flag("IsGroup"),
            Timestamp = receipt.Time("Timestamp"),
            Errors = data.List("errors", Error),
        };
    }

    private static string? OfType(string? type) => type switch
    {
        "" => nameof(ReceiptState.Delivered),
        "read" => nameof(ReceiptState.Read),
        "read-self" => nameof(ReceiptState.ReadSelf),
        _ => null,
    };

    private static ReceiptState State(string? name) => name switch
    {
        nameof(ReceiptState.Delivered) => ReceiptState.Delivered,
        nameof(ReceiptState.Read) => ReceiptState.Read,
        nameof(ReceiptState.ReadSelf) => ReceiptState.ReadSelf,
        nameof(ReceiptState.Failed) => ReceiptState.Failed,
        _ => ReceiptState.Unknown,
    };

    private static DeliveryError Error(JsonPlace error)
    {
        error.Expect(JsonValueKind.Object);
        return new DeliveryError
        {
            Code = error.Number("code"),
            Title = error.NonEmptyText("title"),
            Message = error.Find("error_data")?.NonEmptyText("details") ?? error.NonEmptyText("message"),
        };
    }
}
