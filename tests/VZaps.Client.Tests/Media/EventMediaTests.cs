using System.Text;
using VZaps.Client.Events;

namespace VZaps.Client.Tests.Media;

/// <summary>What an event says of its file.</summary>
public sealed class EventMediaTests
{
    private static readonly string Hash = new('A', 64);

    [Fact]
    public void An_event_has_what_it_says_of_its_file()
    {
        var media = Of(TestMedia.Data("https://gateway.example.com/media/med_1?signature=s3cret", Hash, 48_213))!;
        Assert.Equal(("med_4T9QF0X2M7C1ZJ8B6RWD5N3KHE", "application/pdf", "orçamento.pdf", 48_213), (media.Id, media.MimeType, media.FileName, media.Size));
        Assert.Equal((Hash.ToLowerInvariant(), MediaStatus.Stored), (media.Sha256, media.Status));
        Assert.Equal("https://gateway.example.com/media/med_1?signature=s3cret", media.Url.ToString());
        Assert.DoesNotContain("s3cret", media.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"Message"}""")]
    [InlineData("""{"media_url":null,"media":{"id":"med_1"}}""")]
    [InlineData("""{"media_url":"file:///etc/passwd"}""")]
    [InlineData("""{"media_url":"/media/med_1"}""")]
    [InlineData("""[]""")]
    public void Without_a_link_there_is_no_file(string data) => Assert.Null(Of(data));

    [Theory]
    [InlineData("""{"media_url":"http://h/a"}""")]
    [InlineData("""{"media_url":"http://h/a","media":"x"}""")]
    [InlineData("""{"media_url":"http://h/a","media":{"id":1,"mime_type":"","file_name":"\ud800","size":-1,"sha256":"zz","status":"eaten"}}""")]
    public void What_does_not_fit_counts_as_not_said(string data)
    {
        var media = Of(data)!;
        Assert.Equal(("", "application/octet-stream", null, null), (media.Id, media.MimeType, media.FileName, media.Size));
        Assert.Equal((null, MediaStatus.Unknown), (media.Sha256, media.Status));
    }

    [Fact]
    public void The_limits_are_checked()
    {
        var wrong = Assert.Throws<ArgumentException>(() => new VZapsClient(new VZapsClientOptions
        {
            ClientToken = "t",
            ClientSecret = "s",
            MediaPendingTimeout = TimeSpan.FromHours(2),
            MediaStallTimeout = TimeSpan.Zero,
            MaxMediaResumes = 101,
        }));
        Assert.Contains("MediaPendingTimeout 02:00:00 is out of range; give 00:00:00 to 01:00:00.", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("MediaStallTimeout 00:00:00 is out of range", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("MaxMediaResumes 101 is out of range; give 0 to 100.", wrong.Message, StringComparison.Ordinal);
    }

    private static EventMedia? Of(string data) => Assert.Single(EnvelopeReader.Read(Encoding.UTF8.GetBytes(Envelopes.Json(1, data: data)), out _)).Media;
}
