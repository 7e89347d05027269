using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>Changes of groups. The type of each element decides, not the field that they came under.</summary>
internal static class CloudGroups
{
    public static void Map(CloudChange change)
    {
        foreach (var group in change.Value.Items("groups"))
            Map(change, group);
    }

    private static void Map(CloudChange change, JsonElement group)
    {
        var type = group.Text("type");
        if (type is not ("group_participants_add" or "group_participants_remove"))
        {
            if (type is null)
                change.Keep("A group has no 'type'.", "groups", group);
            else
                change.Count("group." + type);
            return;
        }

        if (change.PhoneNumberId is null)
        {
            change.Keep("'metadata.phone_number_id' is missing.", "groups", group);
            return;
        }

        if (group.Text("group_id") is not { } groupId)
        {
            change.Keep("A group has no 'group_id'.", "groups", group);
            return;
        }

        var isAdd = type == "group_participants_add";
        // As they are told, by which the sender's retry is known again, whoever is known by then.
        var told = group.Items(isAdd ? "added_participants" : "removed_participants").Where(one => one.Get("errors") is null).ToList();
        var names = told.Select(NameOf).OfType<string>().ToList();
        // Errors of the element itself are of all of it.
        if (names.Count == 0 || group.Items("errors").Any())
        {
            change.Count("group.unchanged");
            return;
        }

        var participants = told.Select(one => AddressOf(change, one)).OfType<string>().ToList();
        var eventType = isAdd ? EventType.GroupParticipantsAdd : EventType.GroupParticipantsRemove;
        var own = SourceTime.OfUnix(group.Number("timestamp"));
        change.Add(new MappedEvent(
            eventType,
            EventData.Write(eventType, data => WriteEvent(data, change, group, groupId, isAdd, participants, own ?? change.ReceivedAt)),
            SourceTime.CreatedAt(own, change.ReceivedAt),
            SourceKey.Of(CloudChange.Source, change.PhoneNumberId, "g", groupId, type, group.Text("timestamp"), SourceKey.HashOfSorted(names))));
    }

    private static void WriteEvent(
        DataWriter data, CloudChange change, JsonElement group, string groupId, bool isAdd, List<string> participants, DateTimeOffset time)
    {
        data.Text("JID", WhatsAppAddress.OfGroup(groupId));
        data.Text("Timestamp", Rfc3339.ToText(time));
        data.OpenList(isAdd ? "Join" : "Leave");
        foreach (var participant in participants)
            data.Item(participant);
        data.CloseList();
        data.Text("JoinReason", isAdd ? group.Text("reason") : null);
        data.Text("Sender", SenderOf(change, group, participants));
        data.Text("Source", CloudChange.Source);
        data.Original(group);
    }

    /// <summary>Whose doing it is; of several who are said to have gone by themselves nobody can be named.</summary>
    private static string? SenderOf(CloudChange change, JsonElement group, List<string> participants) =>
        (group.Text("initiated_by") ?? change.Value.Text("initiated_by") ?? change.Element.Text("initiated_by")) switch
        {
            "participant" when participants.Count == 1 => participants[0],
            "business" => WhatsAppAddress.Of(change.BusinessPhone, null),
            _ => null,
        };

    /// <summary>The participant's address as it was told; null for one who is not named.</summary>
    private static string? NameOf(JsonElement participant) => WhatsAppAddress.Of(participant.Text("wa_id"), participant.Text("user_id"))
        ?? (participant.Text("input") is { } input ? WhatsAppAddress.OfPhoneOrId(input) : null);

    /// <summary>The participant's address, by the phone where that is known.</summary>
    private static string? AddressOf(CloudChange change, JsonElement participant) => change.AddressOf(participant.Text("wa_id"), participant.Text("user_id"))
        ?? (participant.Text("input") is { } input ? change.AddressOfPhoneOrId(input) : null);
}
