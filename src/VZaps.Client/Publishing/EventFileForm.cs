using System.Net.Http.Headers;

namespace VZaps.Client.Publishing;

/// <summary>The body of a publish with a file: a part <c>event</c> and a part <c>file</c>. One is made for each time that it is sent.</summary>
internal sealed class EventFileForm : MultipartFormDataContent
{
    private readonly FilePart _file;

    /// <param name="json">The event.</param>
    /// <param name="file">The file.</param>
    /// <param name="start">Where its stream stood at first.</param>
    public EventFileForm(byte[] json, PublishFile file, long start)
    {
        var part = new ByteArrayContent(json);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Add(part, "event");
        _file = new FilePart(file.Content, start);
        _file.Headers.ContentType = MediaTypeHeaderValue.Parse(file.MimeType);
        if (file.FileName is { Length: > 0 } name)
            Add(_file, "file", name);
        else
            Add(_file, "file");
    }

    /// <summary>Called after each piece of the file that went out.</summary>
    public Action? Progressed
    {
        set => _file.Progressed = value;
    }
}
