using VZaps.Client.Media;

namespace VZaps.Client.Tests.Media;

/// <summary>What errors say, and do not say.</summary>
public sealed class RefusalTextTests
{
    private const string Encoded = "a%2Bb%2Fc0123456789", Decoded = "a+b/c0123456789";

    [Theory]
    [InlineData(Encoded)]
    [InlineData(Decoded)]
    [InlineData("?v=1&sig=" + Encoded)]
    public async Task A_secret_of_a_link_is_in_no_error_however_the_server_writes_it(string written)
    {
        await using var server = await FileServer.StartAsync();
        foreach (var status in (int[])[403, 404, 400, 503])
        {
            server.RefuseNext(status, "no", $"The signature {written} is not that of v=1.");
            var link = $"{server.Url.Split('?')[0].Replace("://", "://user:s3cret-word@", StringComparison.Ordinal)}?v=1&sig={Encoded}";
            var refused = await Assert.ThrowsAnyAsync<VZapsException>(() => TestMedia.Of(TestMedia.Data(link), maxResumes: 0).OpenReadAsync().OrFailAsync());
            foreach (var secret in (string[])[Encoded, Decoded, "s3cret-word"])
                Assert.DoesNotContain(secret, refused.ToString(), StringComparison.Ordinal);
            Assert.Contains("The signature ***", refused.Message, StringComparison.Ordinal);
            // What is short is no secret.
            Assert.Contains("is not that of v=1.", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_secret_of_a_link_is_in_no_error_of_where_it_led_on_to()
    {
        await using var server = await FileServer.StartAsync();
        await using var bucket = await FileServer.StartAsync();
        server.Next.Enqueue(context =>
        {
            context.Response.Redirect(bucket.Url.Replace(FileServer.Secret, "bucket-secret", StringComparison.Ordinal));
            return Task.CompletedTask;
        });
        bucket.RefuseNext(403, "no", $"Neither {FileServer.Secret} nor bucket-secret.");
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(() => TestMedia.Stored(server).OpenReadAsync().OrFailAsync());
        Assert.Contains("Neither *** nor ***.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(bucket.Address.Authority, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_is_named_without_its_query_and_its_user() =>
        Assert.Equal("GET https://h.example:8443/a%20b", MediaErrors.NameOf(new Uri("https://user:word@h.example:8443/a%20b?c=d#e")));

    [Fact]
    public async Task A_client_that_was_disposed_is_named()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        EventMedia media;
        Stream opened;
        await using (var client = gateway.NewClient())
        {
            media = await LinkTests.ReceiveAsync(gateway, client, files.Url);
            opened = await media.OpenReadAsync().OrFailAsync();
        }

        var disposed = await Assert.ThrowsAsync<ObjectDisposedException>(() => media.OpenReadAsync().OrFailAsync());
        Assert.Contains("VZapsClient", disposed.Message, StringComparison.Ordinal);
        await opened.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => opened.CopyToAsync(Stream.Null).OrFailAsync());
    }

    [Fact]
    public void A_users_test_can_make_the_error() => Assert.Equal(MediaProblem.Gone, new VZapsMediaException("Gone.") { Problem = MediaProblem.Gone }.Problem);
}
