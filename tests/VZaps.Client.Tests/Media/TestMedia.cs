using System.Text;
using System.Text.Json;
using VZaps.Client.Events;
using VZaps.Client.Http;
using VZaps.Client.Media;

namespace VZaps.Client.Tests.Media;

/// <summary>Events with files, as a subscription reads them.</summary>
internal static class TestMedia
{
    private static readonly HttpClient Http = new(HttpPipe.NewMediaHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    public static string Data(string url, string? sha256 = null, long? size = null, string status = "stored", string id = "med_4T9QF0X2M7C1ZJ8B6RWD5N3KHE") => JsonSerializer.Serialize(new
    {
        type = "Message",
        media_url = url,
        media = new { id, mime_type = "application/pdf", file_name = "orçamento.pdf", size, sha256, status },
    });

    /// <summary>The file of an event whose client has no credentials.</summary>
    public static EventMedia Of(
        string data, TimeSpan? pendingTimeout = null, TimeSpan? stallTimeout = null, int maxResumes = 5, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        var events = new List<VZapsEvent>();
        var access = new MediaAccess
        {
            Http = handler is null ? Http : new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan },
            PendingTimeout = pendingTimeout ?? Wait.Limit,
            StallTimeout = stallTimeout ?? Wait.Limit,
            MaxResumes = maxResumes,
            Time = time ?? TimeProvider.System,
        };
        Assert.Equal(0, EnvelopeReader.Read(Encoding.UTF8.GetBytes(Envelopes.Json(1, data: data)), "", access, events));
        return events.Single().Media!;
    }

    /// <summary>The usual one: stored, with its hash and size.</summary>
    public static EventMedia Stored(FileServer server, TimeSpan? stallTimeout = null, int maxResumes = 5) =>
        Of(Data(server.Url, FileServer.Sha256, FileServer.Bytes.Length), stallTimeout: stallTimeout, maxResumes: maxResumes);
}
