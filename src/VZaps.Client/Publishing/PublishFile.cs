namespace VZaps;

/// <summary>A file that is published with an event: its readers find it as <see cref="VZapsEvent.Media"/>.</summary>
public sealed class PublishFile
{
    /// <summary>A file.</summary>
    /// <param name="content">
    /// Its bytes, from where it stands to its end; the server takes 100 MiB, unless its operator changed that. It is read while it is sent, so nothing of it is kept in memory, and it is not disposed.
    /// One that cannot seek can be sent once: then a call that the server would take the second time, as after a 401, fails.
    /// </param>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public PublishFile(Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (!content.CanRead)
            throw new ArgumentException("The stream cannot be read.", nameof(content));
        Content = content;
    }

    /// <summary>Its bytes.</summary>
    public Stream Content { get; }

    /// <summary>Its name; null for none.</summary>
    public string? FileName { get; init; }

    /// <summary>Its type, such as <c>application/pdf</c>.</summary>
    /// <value>Default <c>application/octet-stream</c>.</value>
    public string MimeType { get; init; } = "application/octet-stream";

    /// <summary>Its type and name.</summary>
    public override string ToString() => $"{MimeType} {FileName}";
}
