using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using VZaps.Client.Tests.Media;

namespace VZaps.Client.Tests.Webhooks;

/// <summary>The files of events that came by webhook.</summary>
public sealed class WebhookMediaTests
{
    private const string MediaId = "med_4T9QF0X2M7C1ZJ8B6RWD5N3KHE";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_that_has_expired_is_renewed_with_the_credentials_of_the_receivers_client(bool isReceiver)
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var asked = Answer(gateway, $$$"""{"code":200,"success":true,"data":{"media_url":"{{{files.Url}}}2"}}""");
        files.RefuseNext(403, "media_link_expired");
        await using var client = gateway.NewClient();
        var media = isReceiver ? await ReceiveAsync(files, client) : Verify(files, client);
        await using var stream = await media.OpenReadAsync().OrFailAsync();
        using var read = new MemoryStream();
        await stream.CopyToAsync(read).OrFailAsync();
        Assert.Equal(FileServer.Bytes, read.ToArray());
        Assert.Equal([$"GET /instances/VZ1/media/{MediaId} Bearer jwt-1 {ScriptedServer.ClientToken}"], asked);
        Assert.All(files.Headers, header => Assert.DoesNotContain("jwt-", header, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_limits_of_the_client_count()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        files.Next.Enqueue(context =>
        {
            context.Response.StatusCode = 202;
            return Task.CompletedTask;
        });
        await using var client = gateway.NewClient(options => options.MediaPendingTimeout = TimeSpan.Zero);
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(() => Verify(files, client).OpenReadAsync().OrFailAsync());
        Assert.Equal(MediaProblem.StillPending, refused.Problem);
    }

    [Theory]
    [InlineData("media_link_expired", MediaProblem.LinkExpired)]
    [InlineData("media_link_invalid", MediaProblem.LinkRefused)]
    public async Task Without_a_client_the_error_says_how_to_get_a_new_link(string error, MediaProblem problem)
    {
        await using var files = await FileServer.StartAsync();
        files.RefuseNext(403, error);
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(() => Verify(files, client: null).OpenReadAsync().OrFailAsync());
        Assert.Equal((problem, error, 1), (refused.Problem, refused.ErrorCode, files.Asked.Count));
        foreach (var way in (string[])["WebhookReceiverOptions", "WebhookVerifierOptions", "VZaps:ClientToken", "VZapsClient.Media.GetAsync"])
            Assert.Contains(way, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(FileServer.Secret, refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..", MediaId)]
    [InlineData(".", MediaId)]
    [InlineData("VZ1", "..")]
    [InlineData("VZ1/../../token", "../../x")]
    public async Task What_an_event_says_leads_no_call_with_credentials_out_of_the_routes_of_its_instance(string instanceId, string mediaId)
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var asked = Answer(gateway, $$$"""{"media_url":"{{{files.Url}}}"}""");
        files.RefuseNext(403, "media_link_expired");
        await using var client = gateway.NewClient();
        var post = NewPost(TestMedia.Data(files.Url).Replace(MediaId, mediaId, StringComparison.Ordinal), instanceId);
        var media = NewVerifier(client).Verify(post.Header, post.Body).Media!;
        if (instanceId is "." or "..")
            Assert.Contains("does not say of which instance", (await Assert.ThrowsAsync<VZapsMediaException>(() => media.OpenReadAsync().OrFailAsync())).Message, StringComparison.Ordinal);
        else
            await (await media.OpenReadAsync().OrFailAsync()).DisposeAsync();
        Assert.All(asked, call => Assert.StartsWith("GET /instances/VZ1", call, StringComparison.Ordinal));
    }

    private static ConcurrentQueue<string> Answer(ScriptedServer gateway, string json)
    {
        var asked = new ConcurrentQueue<string>();
        gateway.Other = context =>
        {
            asked.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.Headers.Authorization} {context.Request.Headers["X-Client-Token"]}");
            return context.Response.WriteAsync(json);
        };
        return asked;
    }

    private static SignedPost NewPost(string data, string instanceId = "VZ1") => new SignedPost().With("vzaps-instance-id", instanceId).WithBody(data).Sign(TimeProvider.System);

    private static WebhookVerifier NewVerifier(VZapsClient? client) => new(new WebhookVerifierOptions { Secrets = [SignedPost.Secret], Client = client });

    private static EventMedia Verify(FileServer files, VZapsClient? client)
    {
        var post = NewPost(TestMedia.Data(files.Url, FileServer.Sha256));
        return NewVerifier(client).Verify(post.Header, post.Body).Media!;
    }

    private static async Task<EventMedia> ReceiveAsync(FileServer files, VZapsClient client)
    {
        EventMedia? media = null;
        var receiver = new WebhookReceiver(new WebhookReceiverOptions { Secrets = [SignedPost.Secret], Client = client }).On(EventType.Message, e =>
        {
            media = e.Media;
            return Task.CompletedTask;
        });
        var post = NewPost(TestMedia.Data(files.Url, FileServer.Sha256));
        Assert.Equal(WebhookOutcome.Handled, (await receiver.ReceiveAsync(post.Header, post.Body).OrFailAsync()).Outcome);
        return media!;
    }
}
