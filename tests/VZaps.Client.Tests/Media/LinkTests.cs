using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using VZaps.Client.Events;

namespace VZaps.Client.Tests.Media;

/// <summary>Where the credentials go, and how a link is renewed with them.</summary>
public sealed class LinkTests
{
    private const string RenewalPath = $"/instances/{ScriptedServer.InstanceId}/media/med_4T9QF0X2M7C1ZJ8B6RWD5N3KHE";

    [Fact]
    public async Task No_credentials_go_to_where_a_link_leads()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        await using var client = gateway.NewClient();
        var media = await ReceiveAsync(gateway, client, files.Url);
        await ReadAsync(media);
        Assert.NotEmpty(files.Headers);
        Assert.All(files.Headers, RequireNoCredentials);
    }

    [Fact]
    public async Task A_link_that_has_expired_is_renewed_at_the_clients_own_gateway_and_the_credentials_go_there_alone()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var asked = new ConcurrentQueue<string>();
        gateway.Other = context =>
        {
            asked.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.Headers["X-Instance-Token"]} {context.Request.Headers["X-Client-Token"]}");
            return context.Response.WriteAsync($$$"""{"code":200,"success":true,"data":{"id":"med_1","media_url":"{{{files.Url}}}2"}}""");
        };
        files.RefuseNext(403, "media_link_expired");
        await using var client = gateway.NewClient();
        var media = await ReceiveAsync(gateway, client, files.Url);
        await ReadAsync(media);
        Assert.Equal([$"GET {RenewalPath} {ScriptedServer.InstanceToken} {ScriptedServer.ClientToken}"], asked);
        Assert.Equal(files.Url + "2", media.Url.ToString());
        Assert.All(files.Headers, RequireNoCredentials);

        // The next one uses it at once.
        await ReadAsync(media);
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_link_that_is_refused_again_is_not_renewed_for_ever()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        gateway.Other = context => context.Response.WriteAsync($$$"""{"code":200,"success":true,"data":{"media_url":"{{{files.Url}}}"}}""");
        files.RefuseNext(403, "media_link_expired");
        files.RefuseNext(403, "media_link_expired");
        await using var client = gateway.NewClient();
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(async () => await ReadAsync(await ReceiveAsync(gateway, client, files.Url)));
        Assert.Equal(MediaProblem.LinkExpired, refused.Problem);
        Assert.Equal(2, files.Asked.Count);
    }

    [Fact]
    public async Task Where_no_new_link_can_be_had_the_error_says_both()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        gateway.Other = context => ScriptedServer.RefuseAsync(context, 404, "event_has_no_media", "The event refers to no file.");
        files.RefuseNext(403, "media_link_expired");
        await using var client = gateway.NewClient();
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(async () => await ReadAsync(await ReceiveAsync(gateway, client, files.Url)));
        Assert.Equal((MediaProblem.LinkExpired, "media_link_expired"), (refused.Problem, refused.ErrorCode));
        Assert.Contains("The event refers to no file.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("event_has_no_media", Assert.IsType<VZapsApiException>(refused.InnerException).ErrorCode);
    }

    [Fact]
    public async Task An_event_without_a_client_has_its_file_and_its_link_is_not_renewed()
    {
        await using var files = await FileServer.StartAsync();
        // As a webhook's is read.
        var envelope = Encoding.UTF8.GetBytes(Envelopes.Json(1, data: TestMedia.Data(files.Url, FileServer.Sha256)));
        var media = Assert.Single(EnvelopeReader.Read(envelope, out _)).Media!;
        await ReadAsync(media);
        files.RefuseNext(403, "media_link_expired");
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(() => ReadAsync(media));
        Assert.Equal((MediaProblem.LinkExpired, 2), (refused.Problem, files.Asked.Count));
    }

    internal static void RequireNoCredentials(string header)
    {
        foreach (var secret in (string[])[ScriptedServer.ClientToken, ScriptedServer.ClientSecret, ScriptedServer.InstanceToken, "jwt-", "Bearer"])
            Assert.DoesNotContain(secret, header, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Cookie", header, StringComparison.OrdinalIgnoreCase);
    }

    internal static async Task<EventMedia> ReceiveAsync(ScriptedServer gateway, VZapsClient client, string url, string status = "stored")
    {
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request).OrFailAsync();
        var received = new TaskCompletionSource<EventMedia?>(TaskCreationOptions.RunContinuationsAsynchronously);
        subscription.On(EventType.Message, e => received.TrySetResult(e.Media));
        await subscription.StartAsync();
        var connection = await gateway.AcceptAsync();
        await connection.SendEventAsync(1, data: TestMedia.Data(url, FileServer.Sha256, FileServer.Bytes.Length, status));
        return Assert.IsType<EventMedia>(await received.Task.OrFailAsync());
    }

    internal static async Task ReadAsync(EventMedia media)
    {
        await using var stream = await media.OpenReadAsync().OrFailAsync();
        using var read = new MemoryStream();
        await stream.CopyToAsync(read).OrFailAsync();
        Assert.Equal(FileServer.Bytes, read.ToArray());
    }
}
