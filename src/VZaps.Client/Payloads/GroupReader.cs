namespace VZaps.Client.Payloads;

/// <summary>Reads who joined a group, and who left it.</summary>
internal static class GroupReader
{
    public static GroupParticipantsAddEvent ReadAdd(JsonPlace data)
    {
        var group = data.Get("event");
        return new GroupParticipantsAddEvent
        {
            Group = group.Text("JID"),
            Participants = group.List("Join", one => one.AsText()),
            Sender = group.NonEmptyText("Sender"),
            Reason = group.NonEmptyText("JoinReason") ?? group.NonEmptyText("Reason"),
            Timestamp = group.Time("Timestamp"),
        };
    }

    public static GroupParticipantsRemoveEvent ReadRemove(JsonPlace data)
    {
        var group = data.Get("event");
        return new GroupParticipantsRemoveEvent
        {
            Group = group.Text("JID"),
            Participants = group.List("Leave", one => one.AsText()),
            Sender = group.NonEmptyText("Sender"),
            Timestamp = group.Time("Timestamp"),
        };
    }
}
