using System.Text;
using System.Text.RegularExpressions;
using VZaps.Client.Events;

namespace VZaps.Client.Tests.Media;

/// <summary>What a publisher writes into an event, made of it what a program can rely on.</summary>
public sealed partial class SafeNameTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("C:\\x")]
    [InlineData("é")]
    [InlineData("")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void An_id_that_is_no_name_counts_as_not_said(string id) => Assert.Equal("", Of(TestMedia.Data("http://h/a", id: id)).Id);

    [Theory]
    [InlineData("med_4T9QF0X2M7C1ZJ8B6RWD5N3KHE")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void Another_one_is_as_it_was_said(string id) => Assert.Equal(id, Of(TestMedia.Data("http://h/a", id: id)).Id);

    [Theory]
    [InlineData("evt_01M863N16M000000001BS4M69E", "evt_01M863N16M000000001BS4M69E")]
    [InlineData("../../x", null)]
    [InlineData("CON", null)]
    [InlineData("..", null)]
    public void A_safe_name_is_the_events_and_leads_nowhere(string eventId, string? name)
    {
        foreach (var data in (string[])[TestMedia.Data("http://h/a"), TestMedia.Data("http://h/a", id: "../../x"), """{"media_url":"http://h/a"}"""])
        {
            var found = Of(data, eventId).SafeName;
            Assert.Matches(Name(), found);
            Assert.Equal(name ?? found, found);
            Assert.Equal(found, Of(data, eventId).SafeName);
        }

        // An id that a publisher made up takes the place of no other event's file.
        Assert.NotEqual(Of(TestMedia.Data("http://h/a"), eventId).SafeName, Of(TestMedia.Data("http://h/b"), eventId + "/2").SafeName);
    }

    [Fact]
    public async Task A_folder_is_refused_before_anything_is_fetched()
    {
        await using var server = await FileServer.StartAsync();
        var media = TestMedia.Stored(server);
        var folder = Path.GetDirectoryName(_folder.File)!;
        foreach (var path in (string[])[folder, Path.Combine(folder, ""), Path.Combine(folder, "new") + Path.DirectorySeparatorChar])
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => media.DownloadAsync(path).OrFailAsync());
            Assert.Contains("is a folder", refused.Message, StringComparison.Ordinal);
        }

        Assert.Empty(server.Asked);
        Assert.Empty(_folder.Names);
    }

    [Theory]
    [InlineData("""{"media_url":"\ud800"}""")]
    [InlineData("""{"media_url":"http://h/\udc00"}""")]
    [InlineData("""{"\ud800edia_url":1,"a\udc00":{"media_url":"http://h/a"}}""")]
    [InlineData("""{"media_url":"/media/med_1"}""")]
    [InlineData("""{"media_url":"file:///etc/passwd"}""")]
    [InlineData("""{"media_url":"ftp://h/a"}""")]
    [InlineData("""{"media_url":["http://h/a"]}""")]
    [InlineData("""{"media_url":""}""")]
    public void A_link_that_is_none_counts_as_not_said(string data)
    {
        var received = Read(data);
        Assert.Null(received.MediaUrl);
        Assert.Null(received.Media);
    }

    [Theory]
    [InlineData("""{"media_url":"http://h/a","media":{"\ud800d":1,"\udc00\udc00":2}}""")]
    [InlineData("""{"media_url":"http://h/a","\ud800edia":{}}""")]
    public void Half_of_a_surrogate_pair_in_a_name_throws_nothing(string data)
    {
        var received = Read(data);
        Assert.Equal("", received.Media?.Id ?? "");
        Assert.True(received.MediaUrl is null or { Scheme: "http" });
    }

    [Fact]
    public void A_message_has_no_link_that_is_none()
    {
        var message = Read("""{"media_url":"\ud800","event":{"Info":{"ID":"1","Chat":"c"},"Message":{"imageMessage":{"caption":"a"}}}}""").As<MessageEvent>();
        Assert.Equal(("a", null), (message.Media!.Caption, message.Media.Url));
    }

    private static VZapsEvent Read(string data) => Assert.Single(EnvelopeReader.Read(Encoding.UTF8.GetBytes(Envelopes.Json(1, data: data)), out _));

    private static EventMedia Of(string data, string eventId = "evt_01M863N16M000000001BS4M69E")
    {
        var envelope = $$"""{"id":"{{eventId}}","type":"Message","instance_id":"VZ1","created_at":"2026-06-23T22:57:17.000Z","data":{{data}}}""";
        return Assert.Single(EnvelopeReader.Read(Encoding.UTF8.GetBytes(envelope), out _)).Media!;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{5,64}$", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Name();
}
