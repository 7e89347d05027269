using VZaps.Client.Publishing;

namespace VZaps;

/// <summary>A file that is published with an event: its readers find it as <see cref="VZapsEvent.Media"/>.</summary>
/// <remarks>
/// <para>For one call at a time. A call that failed can be made again with the same file where its stream can seek: each sends it from where the stream stood when this was made. One that cannot seek is sent
/// once: as soon as a call has read from it, another is an <see cref="InvalidOperationException"/>.</para>
/// <para>It is sent for as long as something of it goes out within <see cref="VZapsClientOptions.RequestTimeout"/>, but the gateway ends it: after 10 minutes (its <c>Media:UploadTimeout</c>), with 408
/// <c>media_upload_timeout</c>, and earlier what comes at less than 240 bytes a second on average, with 408 <c>request_timeout</c>. A <see cref="VZapsClientOptions.HttpClient"/> of your own ends it, too, unless
/// its <see cref="HttpClient.Timeout"/> is <see cref="Timeout.InfiniteTimeSpan"/>.</para>
/// </remarks>
public sealed class PublishFile
{
    /// <summary>A file.</summary>
    /// <param name="content">
    /// Its bytes, from where it stands to its end; the server takes 100 MiB, unless its operator changed that. It is read while it is sent, so nothing of it is kept in memory, and it is not disposed:
    /// keep it open until the call has ended, and read nothing of it meanwhile.
    /// </param>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public PublishFile(Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (!content.CanRead)
            throw new ArgumentException("The stream cannot be read.", nameof(content));
        Content = content;
        Source = new FileSource(content);
    }

    /// <summary>Its bytes.</summary>
    public Stream Content { get; }

    /// <summary>Its name; null, or nothing but white space, for none.</summary>
    public string? FileName { get; init; }

    /// <summary>Its type, such as <c>application/pdf</c>.</summary>
    /// <value>Default <c>application/octet-stream</c>.</value>
    public string MimeType { get; init; } = "application/octet-stream";

    internal FileSource Source { get; }

    /// <summary>Its type and name.</summary>
    public override string ToString() => $"{MimeType} {FileName}";
}
