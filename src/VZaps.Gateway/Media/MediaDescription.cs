namespace VZaps.Gateway.Media;

/// <summary>A file as the sender of its event describes it, and where it is: exactly one of <see cref="Content"/>, <see cref="CloudId"/> and <see cref="Url"/>, or a URL
/// beside the content, where that could not be kept.</summary>
internal sealed record MediaDescription
{
    private const int MaxCloudId = 128;

    /// <summary>A <see cref="MediaSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>What it is, in the sender's words; null where it does not say.</summary>
    public string? MimeType { get; init; }

    /// <summary>Its name, in the sender's words.</summary>
    public string? FileName { get; init; }

    /// <summary>Bytes that are at its URL, or it is not the file; null where the sender does not say.</summary>
    public long? Size { get; init; }

    /// <summary>Bytes that it has by the word of who wrote the message, which is compared, noted and no more; null where that does not say.</summary>
    public long? SaidSize { get; init; }

    /// <summary>The hash that it should have, 64 hex digits; null where the sender does not say. Binding where it is published, else as <see cref="SaidSize"/>.</summary>
    public string? Sha256 { get; init; }

    /// <summary>It came within the event.</summary>
    public FileReference? Content { get; init; }

    /// <summary>Its id in the Cloud API.</summary>
    public string? CloudId { get; init; }

    /// <summary>Where it is fetched without credentials.</summary>
    public string? Url { get; init; }

    /// <summary>Whether a text can be an id in the Cloud API: it becomes a part of a path.</summary>
    public static bool IsCloudId(string? text) =>
        text is { Length: > 0 and <= MaxCloudId } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');

    // A record would print the URL, which may hold a secret.
    public override string ToString() => Source;
}
