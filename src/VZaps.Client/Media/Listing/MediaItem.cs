using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>A file of an instance, as the server described it.</summary>
public sealed record MediaItem
{
    /// <summary>Its id, <c>med_…</c>.</summary>
    public string Id { get => field ?? ""; init; }

    /// <summary>The instance that it is of.</summary>
    public string InstanceId { get => field ?? ""; init; }

    /// <summary>How it stands.</summary>
    public MediaStatus Status { get; init; }

    /// <summary>Its type as the sender said; <c>application/octet-stream</c> where nobody said.</summary>
    public string MimeType { get => field ?? "application/octet-stream"; init; }

    /// <summary>Its name as the sender said. Somebody else's word: do not make a path of it without a look. Null where there is none.</summary>
    public string? FileName { get; init; }

    /// <summary>How many bytes it has; null while that is unknown.</summary>
    public long? Size { get; init; }

    /// <summary>Its SHA-256 in 64 hex digits; null while it is not stored.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Where it came from, by the server's word: <c>cloud</c>, <c>wuzapi</c> or <c>publish</c>.</summary>
    public string? Source { get; init; }

    /// <summary>When its event came.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>A new link. Whoever has it has the file, until it expires: keep it out of logs. Null where the server gave none.</summary>
    public Uri? MediaUrl { get; init; }

    /// <summary>How many times the server tried to fetch it.</summary>
    public int Attempts { get; init; }

    /// <summary>When it tries again; null for not at all.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What was wrong at the last attempt that failed, also while it is to be tried again; null for nothing.</summary>
    public MediaError? Error { get; init; }

    /// <summary>The file itself, to open or to download, as <see cref="VZapsEvent.Media"/> is; null where the server gave no link.</summary>
    [JsonIgnore]
    public EventMedia? File { get; internal init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>Id and status; never the link.</summary>
    public override string ToString() => $"{Id} ({Status})";
}

/// <summary>Why a file is not there.</summary>
public sealed record MediaError
{
    /// <summary>The server's stable code, such as <c>media_not_at_source</c>.</summary>
    public string Code { get => field ?? ""; init; }

    /// <summary>For people.</summary>
    public string Message { get => field ?? ""; init; }
}
