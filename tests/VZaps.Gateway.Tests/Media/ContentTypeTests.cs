using System.Text;
using VZaps.Gateway.Media;
using Xunit;

namespace VZaps.Gateway.Tests.Media;

public sealed class ContentTypeTests
{
    [Theory]
    [InlineData("FFD8FFE000104A464946", "image/jpeg")]
    [InlineData("89504E470D0A1A0A", "image/png")]
    [InlineData("474946383961", "image/gif")]
    [InlineData("524946462400000057454250", "image/webp")]
    [InlineData("524946462400000057415645", "audio/wav")]
    [InlineData("00000018667479706D703432", "video/mp4")]
    [InlineData("00000018667479704D344120", "audio/mp4")]
    [InlineData("0000001866747970336770", null)]
    [InlineData("000000186674797033677035", "video/3gpp")]
    [InlineData("4F67675300", "audio/ogg")]
    [InlineData("2321414D520A", "audio/amr")]
    [InlineData("494433", "audio/mpeg")]
    [InlineData("FFFB9064", "audio/mpeg")]
    [InlineData("FFF15080", "audio/aac")]
    // A text in UTF-16.
    [InlineData("FFFE48006900", null)]
    [InlineData("FFFF", null)]
    [InlineData("255044462D312E37", "application/pdf")]
    [InlineData("504B0304", "application/zip")]
    [InlineData("0102030405", null)]
    [InlineData("", null)]
    public void A_file_is_known_by_its_first_bytes(string hex, string? type) => Assert.Equal(type, ContentTypes.Sniff(Convert.FromHexString(hex)));

    [Theory]
    // With its codec, as the sender said.
    [InlineData("audio/ogg; codecs=opus", null, "OggS\0\0", "audio/ogg; codecs=opus")]
    [InlineData("audio/mp4", null, "\0\0\0\u0018ftypmp42", "audio/mp4")]
    [InlineData("application/vnd.openxmlformats-officedocument.wordprocessingml.document", null, "PK\u0003\u0004", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    // Another picture than was said: what it is.
    [InlineData("image/jpeg", null, "GIF89a", "image/gif")]
    [InlineData("image/jpeg", null, "%PDF-1.7", "application/pdf")]
    // Pages of words in place of what should be there.
    [InlineData("image/jpeg", "text/html", "<!DOCTYPE html><p>Log in", null)]
    [InlineData("application/pdf", "text/html", "  <HTML>", null)]
    [InlineData("image/jpeg", null, "{\"error\":{\"code\":190}}", null)]
    [InlineData("audio/ogg", null, "Not found", null)]
    [InlineData("image/jpeg", null, "<?xml version=\"1.0\"?><Error>", null)]
    [InlineData("application/zip", null, "Not found", null)]
    [InlineData("video/mp4", null, "{}", null)]
    // Real files that are words inside, which no browser is to open as what they say they are.
    [InlineData("application/vnd.ms-excel", null, "<html><table>", "application/octet-stream")]
    [InlineData("application/vnd.ms-excel", null, "a;b\n1;2", "application/octet-stream")]
    [InlineData("application/msword", null, "{\\rtf1", "application/octet-stream")]
    [InlineData("video/x-scripted", null, "words", "application/octet-stream")]
    [InlineData("application/vnd.ms-excel", null, "\u0009\u0008\u0010\0", "application/vnd.ms-excel")]
    [InlineData("text/plain", null, "\u00ff\u00feH\0i\0", "text/plain")]
    // Playlists are words by nature, and a page in their place is a page.
    [InlineData("audio/x-mpegurl", null, "#EXTM3U\n#EXTINF:1,a\nhttps://example.com/a.mp3", "application/octet-stream")]
    [InlineData("audio/mpegurl", null, "a.mp3\nb.mp3", "application/octet-stream")]
    [InlineData("application/vnd.apple.mpegurl", null, "#EXTM3U", "application/octet-stream")]
    [InlineData("audio/x-scpls; charset=utf-8", null, "[playlist]\nFile1=a.mp3", "application/octet-stream")]
    [InlineData("audio/x-mpegurl", null, "<!DOCTYPE html><p>Log in", null)]
    [InlineData("application/vnd.apple.mpegurl", null, "<html>", null)]
    [InlineData("application/x-mpegurl", null, "<?xml version=\"1.0\"?><Error>", null)]
    [InlineData("audio/x-scpls", null, "<html>", null)]
    [InlineData("audio/x-ms-wma", null, "#EXTM3U", null)]
    // What is said to be words may be.
    [InlineData("text/html", null, "<!DOCTYPE html><p>A page", "text/html")]
    [InlineData("image/svg+xml", null, "<svg xmlns=", "image/svg+xml")]
    [InlineData("text/csv", null, "a,b\n1,2", "text/csv")]
    // Nothing is said: the server's word, or the bytes'.
    [InlineData("application/octet-stream", "image/png", "\u0001\u0002\u0003\u0004", "image/png")]
    [InlineData("application/octet-stream", null, "GIF89a", "image/gif")]
    [InlineData("application/octet-stream", null, "anything", "application/octet-stream")]
    // Bytes that tell nothing are as was said.
    [InlineData("image/x-icon", null, "\0\0\u0001\0\u0001\0", "image/x-icon")]
    public void A_file_is_served_as_what_it_is_and_a_page_in_its_place_is_refused(string declared, string? given, string head, string? served) =>
        Assert.Equal(served, ContentTypes.Of(declared, given, Encoding.Latin1.GetBytes(head)));

    [Theory]
    [InlineData("image/jpeg", "image/jpeg")]
    [InlineData("audio/ogg; codecs=opus", "audio/ogg; codecs=opus")]
    [InlineData(null, "application/octet-stream")]
    [InlineData("", "application/octet-stream")]
    [InlineData("image", "application/octet-stream")]
    [InlineData("*/*", "application/octet-stream")]
    [InlineData("image/jpeg\r\nSet-Cookie: a=b", "application/octet-stream")]
    public void What_is_no_content_type_is_none(string? given, string clean) => Assert.Equal(clean, ContentTypes.Clean(given));

    [Theory]
    [InlineData("image/webp", true)]
    [InlineData("video/mp4", true)]
    [InlineData("audio/ogg; codecs=opus", true)]
    [InlineData("application/pdf", true)]
    [InlineData("text/html", false)]
    [InlineData("image/svg+xml", false)]
    [InlineData("application/octet-stream", false)]
    public void Only_what_runs_nothing_is_shown_in_place(string type, bool isInline) => Assert.Equal(isInline, ContentTypes.IsInline(type));
}
