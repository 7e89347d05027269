using System.Text.Json.Nodes;

namespace VZaps.Client.Testing.Media;

/// <summary>What is said of a file. Its shelf's lock is held.</summary>
internal static class ShelfJson
{
    /// <summary><c>data.media</c>: an event says of a file that it is there, or that it is to come.</summary>
    public static JsonObject OfEvent(ShelvedFile file)
    {
        var isThere = file.State is ShelfState.Stored or ShelfState.Gone;
        var media = new JsonObject { ["id"] = file.Id, ["mime_type"] = file.MimeType };
        if (file.FileName is not null)
            media["file_name"] = file.FileName;
        if (isThere)
            (media["size"], media["sha256"]) = (file.Content.LongLength, file.Sha256);
        media["status"] = isThere ? "stored" : "pending";
        return media;
    }

    /// <summary>An item, as its owner reads it.</summary>
    public static JsonObject Item(ShelvedFile file, string instanceId, string link)
    {
        var isThere = file.State == ShelfState.Stored;
        return new JsonObject
        {
            ["id"] = file.Id,
            ["instance_id"] = instanceId,
            ["status"] = file.State.ToString().ToLowerInvariant(),
            ["mime_type"] = file.MimeType,
            ["file_name"] = file.FileName,
            ["size"] = isThere ? file.Content.LongLength : null,
            ["sha256"] = isThere ? file.Sha256 : null,
            ["source"] = file.Source,
            ["created_at"] = Rfc3339.ToText(file.CreatedAt),
            ["media_url"] = link,
            ["attempts"] = file.State == ShelfState.Failed ? 8 : 0,
            ["next_attempt_at"] = file.State == ShelfState.Pending ? Rfc3339.ToText(file.DueAt) : null,
            ["error"] = file.ErrorCode is null ? null : new JsonObject { ["code"] = file.ErrorCode, ["message"] = file.ErrorMessage },
        };
    }
}
