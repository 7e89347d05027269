using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

public sealed class MediaLinkTests
{
    [Fact]
    public async Task A_link_is_good_for_its_file_its_instance_and_its_time_and_for_nothing_else()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var other = await gateway.NewInstanceAsync();
        var data = await gateway.PublishFileAsync(instance, Jpeg());
        var second = await gateway.PublishFileAsync(instance, Jpeg(seed: 2));
        var link = LinkOf(data);
        Assert.Equal(200, (await gateway.GetAsync(link)).Status);

        var query = link[(link.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        string Link(string? id = null, string? of = null, string? expires = null, string? signature = null) =>
            $"/media/{id ?? IdOf(data)}?instance_id={of ?? query["instance_id"]}&expires={expires ?? query["expires"]}&signature={signature ?? query["signature"]}";
        Assert.Equal(200, (await gateway.GetAsync(Link())).Status);
        string[] tampered =
        [
            Link(id: IdOf(second)), // another file
            Link(of: other.Id), // another instance
            Link(of: "VZ"),
            Link(expires: (long.Parse(query["expires"]) + 1).ToString()), // a longer life
            Link(expires: "-1"),
            Link(expires: "99999999999999999999"),
            Link(signature: query["signature"][..^1] + (query["signature"][^1] == 'A' ? 'B' : 'A')),
            Link(signature: query["signature"][..^1]),
            Link(signature: query["signature"].ToUpperInvariant()),
            Link(signature: query["signature"] + "&signature=x"),
            Link(signature: ""),
            $"/media/{IdOf(data)}",
        ];
        foreach (var wrong in tampered)
        {
            var answer = await gateway.GetAsync(wrong);
            Assert.True((403, "media_link_invalid") == (answer.Status, answer.Error), wrong);
        }
    }

    [Fact]
    public async Task Tricks_in_ids_are_no_ids()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var link = LinkOf(await gateway.PublishFileAsync(instance, Jpeg()));
        var id = link["/media/".Length..link.IndexOf('?', StringComparison.Ordinal)];
        var query = link[link.IndexOf('?', StringComparison.Ordinal)..];
        foreach (var trick in new[] { "..%2f..%2fgateway.db", "%2e%2e%2fjwt.key", id.ToLowerInvariant(), id + "%0a", id + "%20", id[..^1], "med_", "files", id[..^1] + "U" })
        {
            var answer = await gateway.GetAsync($"/media/{trick}{query}");
            Assert.True((404, "media_not_found") == (answer.Status, answer.Error), trick);
        }

        foreach (var (path, status) in new[] { ("/media/", 404), ($"/media/{id}/", 200), ($"/media/{id}/../{id}x", 404), ($"/media/{id}/{id}", 404), ($"/media/x/%2e%2e/{id}", 200) })
            Assert.Equal((path, status), (path, (await gateway.GetAsync(path + query)).Status));
    }

    [Fact]
    public async Task A_link_expires_and_the_event_id_gives_a_new_one()
    {
        var clock = new JumpingClock();
        await using var gateway = await GatewayFixture.StartAsync(
            settings: Settings(("Log:RetentionAge", "30.00:00:00")), configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var instance = await gateway.NewInstanceAsync();
        var link = LinkOf(await gateway.PublishFileAsync(instance, Jpeg()));
        var eventId = await EventIdAsync(gateway, instance);
        clock.Jump(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(5));
        Assert.Equal(200, (await gateway.GetAsync(link)).Status);
        clock.Jump(TimeSpan.FromMinutes(6));
        var expired = await gateway.GetAsync(link);
        Assert.Equal((403, "media_link_expired"), (expired.Status, expired.Error));
        instance = instance with { AccessToken = await gateway.TokenAsync() };
        var renewed = new Uri((await gateway.CallAsync(instance, HttpMethod.Get, $"/events/{eventId}/media")).GetProperty("media_url").GetString()!).PathAndQuery;
        Assert.Equal(200, (await gateway.GetAsync(renewed)).Status);
    }

    [Fact]
    public async Task Nobody_gets_a_new_link_without_the_credentials_of_the_instance()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var other = await gateway.NewInstanceAsync();
        var id = IdOf(await gateway.PublishFileAsync(instance, Jpeg()));
        var eventId = await EventIdAsync(gateway, instance);
        foreach (var path in new[] { $"/instances/{instance.Id}/media/{id}", $"/instances/{instance.Id}/media", $"/instances/{instance.Id}/events/{eventId}/media" })
        {
            Assert.Equal(401, (await gateway.SendAsync(HttpMethod.Get, path)).Status);
            Assert.Equal(401, (await gateway.SendAsync(HttpMethod.Get, path, headers: [("X-Client-Token", GatewayFixture.ClientToken), ("X-Instance-Token", other.Token)])).Status);
            Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Get, path, headers: [("X-Client-Token", GatewayFixture.ClientToken), ("X-Instance-Token", instance.Token)])).Status);
        }

        Assert.Equal((404, "media_not_found"), await gateway.RefusalAsync(other, HttpMethod.Get, $"/media/{id}"));
        Assert.Equal(401, (await gateway.SendAsync(HttpMethod.Post, $"/media/{id}/fetch")).Status);
        Assert.Equal(401, (await gateway.SendAsync(HttpMethod.Post, $"/media/{id}/fetch", headers: [("X-Client-Token", GatewayFixture.ClientToken), ("X-Instance-Token", other.Token)])).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Post, "/media/med_00000000000000000000000000/fetch", accessToken: instance.AccessToken)).Status);
    }

    [Fact]
    public async Task An_event_without_a_file_and_one_that_names_a_strangers_have_none()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var other = await gateway.NewInstanceAsync();
        var strangers = IdOf(await gateway.PublishFileAsync(other, Jpeg()));
        var plain = (await gateway.PublishAsync(instance))[0];
        Assert.Equal((404, "event_has_no_media"), await gateway.RefusalAsync(instance, HttpMethod.Get, $"/events/{plain}/media"));
        await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", new { type = "Message", data = new { media = new { id = strangers } } }, instance.AccessToken);
        Assert.Equal((410, "media_gone"), await gateway.RefusalAsync(instance, HttpMethod.Get, $"/events/{await EventIdAsync(gateway, instance)}/media"));
    }

    [Fact]
    public async Task Links_are_made_of_the_public_url_and_stay_good_after_a_restart()
    {
        var folder = GatewayFixture.NewFolder();
        string link;
        await using (var gateway = await GatewayFixture.StartAsync(folder, new(StringComparer.Ordinal) { ["PublicUrl"] = "https://gateway.example.com/vzaps/" }))
        {
            var instance = await gateway.NewInstanceAsync();
            var url = (await gateway.PublishFileAsync(instance, Jpeg())).GetProperty("media_url").GetString()!;
            Assert.StartsWith("https://gateway.example.com/vzaps/media/med_", url, StringComparison.Ordinal);
            link = url["https://gateway.example.com/vzaps".Length..];
        }

        await using (var gateway = await GatewayFixture.StartAsync(folder))
            Assert.Equal(200, (await gateway.GetAsync(link)).Status);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_links_signature_reaches_no_log()
    {
        var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(configure: builder => builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft.AspNetCore", LogLevel.Trace));
        var instance = await gateway.NewInstanceAsync();
        var link = LinkOf(await gateway.PublishFileAsync(instance, Jpeg()));
        Assert.Equal(200, (await gateway.GetAsync(link)).Status);
        Assert.Contains("/media/med_", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(link[(link.IndexOf("signature=", StringComparison.Ordinal) + 10)..], log.Text, StringComparison.Ordinal);
    }

    private static async Task<string> EventIdAsync(GatewayFixture gateway, TestInstance instance) =>
        (await gateway.CallAsync(instance, HttpMethod.Get, "/events?limit=1000")).GetProperty("events").EnumerateArray().Last().GetProperty("id").GetString()!;
}
