using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>Who joined a group and who left it; both may stand in one update.</summary>
internal static class WuzGroups
{
    public static void Map(WuzUpdate update)
    {
        var group = update.Event;
        if (group.Text("JID") is not { } address)
        {
            update.Keep("A group has no 'JID'.");
            return;
        }

        if (update.Type == "JoinedGroup")
        {
            AddOwn(update, group);
            return;
        }

        var (joined, left) = (AddressesOf(group, "Join"), AddressesOf(group, "Leave"));
        if (joined.Count > 0)
            Add(update, EventType.GroupParticipantsAdd, group, address, "Join", joined);
        if (left.Count > 0)
            Add(update, EventType.GroupParticipantsRemove, group, address, "Leave", left);
        if (joined.Count + left.Count == 0)
            update.Count("GroupInfo");
    }

    private static void Add(WuzUpdate update, EventType type, JsonElement group, string address, string list, List<string> participants)
    {
        var timestamp = group.Text("Timestamp");
        var people = WuzPeople.Of(update, group);
        update.Add(
            type,
            SourceTime.OfText(timestamp),
            update.KeyOf("g", address, timestamp, list, SourceKey.HashOfSorted(participants)),
            data =>
            {
                people.CopyMembers(data, group, "Join", "Leave", "Source", "truncated");
                WriteList(data, list, participants.Select(participant => WuzPeople.AddressOf(update.Identities, participant)));
            });
    }

    /// <summary>The account itself was added.</summary>
    private static void AddOwn(WuzUpdate update, JsonElement group)
    {
        var own = SourceTime.OfText(group.Text("Timestamp"));
        foreach (var participant in group.Items("Participants"))
            WuzPeople.Learn(update.Identities, participant.Text("LID"), participant.Text("PhoneNumber"));
        update.Add(EventType.GroupParticipantsAdd, own, update.KeyOfBytes(hasTime: own is not null), data =>
        {
            data.CopyMembers(group, "Join", "Leave", "Source", "truncated");
            if (update.Context.OwnAddress is { } address)
                WriteList(data, "Join", [address]);
        });
    }

    private static void WriteList(DataWriter data, string name, IEnumerable<string> participants)
    {
        data.OpenList(name);
        foreach (var participant in participants)
            data.Item(participant);
        data.CloseList();
    }

    private static List<string> AddressesOf(JsonElement group, string list) =>
        [.. group.Items(list).Select(item => item.ValueKind == JsonValueKind.String ? item.AsText() : null).Where(text => !string.IsNullOrEmpty(text)).OfType<string>()];
}
