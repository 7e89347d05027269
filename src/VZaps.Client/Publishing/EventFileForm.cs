using System.Net.Http.Headers;
using VZaps.Client.Http;

namespace VZaps.Client.Publishing;

/// <summary>The body of a publish with a file: a part <c>event</c> and a part <c>file</c>. One is made for each time that it is sent.</summary>
internal sealed class EventFileForm : MultipartFormDataContent, IUploadContent
{
    private readonly FilePart _file;

    /// <param name="json">The event.</param>
    /// <param name="file">The file.</param>
    public EventFileForm(byte[] json, PublishFile file)
    {
        var part = new ByteArrayContent(json);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Add(part, "event");
        _file = new FilePart(file.Source);
        _file.Headers.ContentType = MediaTypeHeaderValue.Parse(file.MimeType);
        _file.Headers.ContentDisposition = DispositionOf(file.FileName);
        Add(_file);
    }

    /// <inheritdoc/>
    public Action? Progressed
    {
        set => _file.Progressed = value;
    }

    /// <summary>The name twice: for readers that know the encoded form as it is, and for the others without what cannot stand in quotes.</summary>
    private static ContentDispositionHeaderValue DispositionOf(string? name)
    {
        var disposition = new ContentDispositionHeaderValue("form-data") { Name = "file" };
        if (!string.IsNullOrWhiteSpace(name))
        {
            disposition.FileName = string.Concat(name.Select(static c => c is '"' or '\\' || char.IsControl(c) ? '_' : c));
            disposition.FileNameStar = name;
        }

        return disposition;
    }
}
