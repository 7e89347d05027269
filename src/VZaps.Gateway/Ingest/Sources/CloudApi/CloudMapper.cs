using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>Makes events of a body of the WhatsApp Business Cloud API. A pure function: the same body and time give the same keys, and with the same people
/// known the same events.</summary>
internal static class CloudMapper
{
    /// <summary>Maps a body; nothing in it makes this fail.</summary>
    /// <param name="body">The body as it came.</param>
    /// <param name="receivedAt">For what has no time of its own.</param>
    /// <param name="identities">Who is known, and becomes it; nobody where it is left out.</param>
    /// <returns>At least one outcome for each update, in the body's order.</returns>
    public static List<SourceOutcome> Map(ReadOnlyMemory<byte> body, DateTimeOffset receivedAt, CloudIdentities? identities = null) =>
        BodyMapping.Map(body, (root, outcomes) => Map(root, body, new CloudMapping(receivedAt, identities ?? new CloudIdentities(_ => null), outcomes)));

    private static void Map(JsonElement root, ReadOnlyMemory<byte> body, CloudMapping mapping)
    {
        if (root.Get("entry") is not { } entries)
        {
            MapBare(root, body, mapping);
            return;
        }

        if (entries.ValueKind != JsonValueKind.Array)
        {
            mapping.Outcomes.Add(new Unmappable("'entry' is no list.", body));
            return;
        }

        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.Get("changes") is not { ValueKind: JsonValueKind.Array } changes)
            {
                mapping.Outcomes.Add(new Unmappable("An entry has no list of changes.", CloudEnvelope.AroundEntry(entry)));
                continue;
            }

            foreach (var change in changes.EnumerateArray())
                Map(new CloudChange(change, entry.Text("id"), entry.Number("time"), mapping));
        }
    }

    /// <summary>A declined history has been seen without the envelope.</summary>
    private static void MapBare(JsonElement root, ReadOnlyMemory<byte> body, CloudMapping mapping)
    {
        if (root.GetObject("value") is not null)
        {
            Map(new CloudChange(root, null, null, mapping));
            return;
        }

        if (root.Get("history") is null && root.Get("errors") is null)
        {
            mapping.Outcomes.Add(new Unmappable("The body has no 'entry'.", body));
            return;
        }

        using var change = JsonDocument.Parse((byte[])[.. "{\"field\":\"history\",\"value\":"u8, .. root.Raw(), (byte)'}'], new JsonDocumentOptions { MaxDepth = LenientJson.MaxDepth + 1 });
        Map(new CloudChange(change.RootElement, null, null, mapping));
    }

    private static void Map(CloudChange change)
    {
        if (change.Element.ValueKind != JsonValueKind.Object || change.Value.ValueKind != JsonValueKind.Object)
        {
            change.Keep("A change is no object with a 'value'.");
            return;
        }

        switch (change.Field)
        {
            case "account_update":
                CloudAccountUpdate.Map(change);
                break;
            case "history":
                CloudHistory.Map(change);
                break;
            case "smb_app_state_sync":
                CloudContacts.Map(change);
                break;
            case "messages" or "smb_message_echoes":
                MapMessages(change);
                break;
            case "":
                change.Keep("A change has no 'field'.");
                break;
            default:
                if (change.Value.Get("groups") is { ValueKind: JsonValueKind.Array })
                    CloudGroups.Map(change);
                else
                    change.Count(change.Field);
                break;
        }
    }

    private static void MapMessages(CloudChange change)
    {
        var (value, any) = (change.Value, false);
        foreach (var name in (ReadOnlySpan<string>)["messages", "message_echoes", "statuses"])
        {
            if (value.Get(name) is not { } list)
                continue;
            any = true;
            if (change.PhoneNumberId is null)
            {
                change.Keep("'metadata.phone_number_id' is missing.");
                return;
            }

            if (list.ValueKind != JsonValueKind.Array)
            {
                change.Keep($"'{name}' is no list.");
                return;
            }
        }

        change.LearnContacts();
        foreach (var message in value.Items("messages"))
            CloudMessage.Map(change, message, "messages");
        foreach (var echo in value.Items("message_echoes"))
            CloudMessage.Map(change, echo, "message_echoes");
        foreach (var status in value.Items("statuses"))
            CloudStatus.Map(change, status);
        if (any)
            return;
        if (value.Get("errors") is not null)
            change.Count("errors");
        else
            change.Keep($"A change of '{change.Field}' has neither messages nor statuses.");
    }
}
