using System.Text.Json.Nodes;
using VZaps.Protocol;

namespace VZaps.Cli.Demo.Phone;

/// <summary>The head of a message: who, where, when.</summary>
internal sealed record MessageInfo(string Id, Contact Place, Contact Author, DateTimeOffset At)
{
    public bool InGroup => Place == Cast.Group;

    public JsonObject ToJson(string kind) => new()
    {
        ["ID"] = Id,
        ["Chat"] = Place.Jid,
        ["Sender"] = Author.Jid,
        ["PushName"] = Author.Name,
        ["IsFromMe"] = Author == Cast.Owner,
        ["IsGroup"] = InGroup,
        ["Type"] = kind,
        ["Timestamp"] = Rfc3339.ToText(At),
    };
}
