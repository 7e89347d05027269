using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Media;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>What can go wrong with a file: each ends as documented, and the event is as it was.</summary>
public sealed class MediaFetchTests
{
    private const string Token = "EAAtest0123456789";

    private static readonly (string, string)[] Quick = [("Media:RetrySchedule", "00:00:00.1,00:00:00.1"), ("Media:MaxFileBytes", "100000")];

    [Theory]
    [InlineData(404, "media_not_at_source", 1)]
    [InlineData(410, "media_not_at_source", 1)]
    [InlineData(401, "media_url_expired", 1)]
    [InlineData(403, "media_url_expired", 1)]
    [InlineData(500, "media_source_error", 3)]
    [InlineData(503, "media_source_error", 3)]
    [InlineData(429, "media_source_error", 3)]
    [InlineData(204, "media_source_error", 3)]
    public async Task A_refusal_is_final_or_tried_again(int status, string code, int attempts)
    {
        await using var server = await MediaServer.StartAsync();
        var item = await FailAsync(server.Refuse("/f", status), code);
        Assert.Equal(attempts, item.GetProperty("attempts").GetInt32());
        Assert.Equal(attempts, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_stalls_in_the_middle_is_given_up_and_tried_again()
    {
        await using var server = await MediaServer.StartAsync();
        server.Routes["/f"] = async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.Body.WriteAsync(Jpeg(500));
            await context.Response.Body.FlushAsync();
            await server.HangAsync(context);
        };
        await FailAsync(server.Url + "/f", "media_stalled", more: [("Media:StallTimeout", "00:00:00.5")]);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_answers_nothing_is_given_up()
    {
        await using var server = await MediaServer.StartAsync();
        server.Routes["/f"] = server.HangAsync;
        await FailAsync(server.Url + "/f", "media_stalled", more: [("Media:StallTimeout", "00:00:00.5")]);
    }

    [Fact]
    public async Task A_server_that_drips_for_ever_is_given_up()
    {
        await using var server = await MediaServer.StartAsync();
        server.Routes["/f"] = async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[] { 0xff });
                await context.Response.Body.FlushAsync();
                await Task.Delay(50);
            }
        };
        await FailAsync(server.Url + "/f", "media_stalled", more: [("Media:FetchTimeout", "00:00:01")]);
    }

    [Fact]
    public async Task What_breaks_off_is_no_file()
    {
        await using var server = await MediaServer.StartAsync();
        server.Routes["/f"] = async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.Body.WriteAsync(Jpeg(500));
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        await FailAsync(server.Url + "/f", "media_unreachable");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        string url;
        await using (var server = await MediaServer.StartAsync())
            url = server.Url + "/f";
        Assert.Equal(3, (await FailAsync(url, "media_unreachable")).GetProperty("attempts").GetInt32());
    }

    [Theory]
    [InlineData("http://10.0.0.1/f")]
    [InlineData("http://[::1]/f")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    public async Task A_private_address_is_not_called(string url) => await FailAsync(url, "media_address_refused");

    [Theory]
    [InlineData("http://10.0.0.1/f", "media_address_refused")]
    [InlineData("http://169.254.169.254/f", "media_address_refused")]
    [InlineData("file:///etc/passwd", "media_bad_url")]
    [InlineData("gopher://example.com/", "media_bad_url")]
    [InlineData("http://user:secret@127.0.0.1/f", "media_bad_url")]
    public async Task A_redirect_goes_through_the_guard_too(string location, string code)
    {
        await using var server = await MediaServer.StartAsync();
        await FailAsync(server.Redirect("/f", location), code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Redirects_are_followed_five_times()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick));
        var instance = await gateway.NewInstanceAsync();
        server.Serve("/5", Jpeg());
        foreach (var (hop, status) in new[] { (4, 301), (3, 302), (2, 303), (1, 307), (0, 308) })
            server.Redirect($"/{hop}", $"{hop + 1}", status);
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.PublishUrlAsync(instance, server.Url + "/0")))).Body);
        server.Redirect("/loop", "/loop");
        var data = await gateway.PublishUrlAsync(instance, server.Url + "/loop");
        Assert.Equal("media_bad_url", (await gateway.GetAsync(LinkOf(data))).Error);
        Assert.Equal(6, server.Requests.Count(request => request.Path == "/loop"));
    }

    [Theory]
    [InlineData("text/html", "<!DOCTYPE html><p>Log in")]
    [InlineData("application/json", "{\"error\":\"expired\"}")]
    [InlineData("image/jpeg", "<html>not a picture</html>")]
    public async Task A_page_in_place_of_a_picture_is_not_kept(string type, string page)
    {
        await using var server = await MediaServer.StartAsync();
        var url = server.Serve("/f", System.Text.Encoding.UTF8.GetBytes(page), type);
        await FailAsync(url, "media_wrong_type", new { mime_type = "image/jpeg" });
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_file_of_another_hash_or_length_than_its_publisher_said_is_not_kept()
    {
        await using var server = await MediaServer.StartAsync();
        var url = server.Serve("/f", Jpeg(5_000));
        await FailAsync(url, "media_wrong_hash", new { sha256 = new string('0', 64) });
        await FailAsync(url, "media_wrong_length", new { size = 5_001 });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_too_large_is_not_taken_whether_or_not_it_says_so(bool says)
    {
        await using var server = await MediaServer.StartAsync();
        server.Routes["/f"] = async context =>
        {
            context.Response.ContentLength = says ? 100_001 : null;
            await context.Response.Body.WriteAsync(Jpeg(100_001), context.RequestAborted);
        };
        var item = await FailAsync(server.Url + "/f", "media_too_large");
        Assert.Equal(1, item.GetProperty("attempts").GetInt32());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_url_of_the_cloud_api_that_has_expired_is_renewed(int status)
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: CloudSettings(server));
        var (instance, path) = await NewCloudAsync(gateway);
        var asked = 0;
        server.Refuse("/old", status);
        server.Serve("/new", Jpeg());
        server.Routes["/graph/1"] = context => context.Response.WriteAsJsonAsync(new { url = server.Url + (asked++ == 0 ? "/old" : "/new"), file_size = Jpeg().Length });
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg", more: $",\"url\":\"{server.Url}/never\"")));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
        Assert.Equal(["/graph/1", "/old", "/graph/1", "/new"], server.Requests.Select(request => request.Path));
    }

    [Theory]
    [InlineData(401, "media_token_rejected")]
    [InlineData(403, "media_token_rejected")]
    [InlineData(404, "media_not_at_source")]
    public async Task A_url_of_the_cloud_api_is_renewed_once(int status, string code)
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: CloudSettings(server));
        var (instance, path) = await NewCloudAsync(gateway);
        server.Graph("1", server.Refuse("/f", status));
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg")));
        var item = await gateway.WaitForAsync(instance, IdOf(await gateway.NewestAsync(instance)), "failed");
        Assert.Equal((code, 1), (item.GetProperty("error").GetProperty("code").GetString(), item.GetProperty("attempts").GetInt32()));
        Assert.Equal(["/graph/1", "/f", "/graph/1", "/f"], server.Requests.Select(request => request.Path));
    }

    [Theory]
    [InlineData("/graph/1", 1, 1)]
    [InlineData("/f", 1, 1)]
    // No longer than the schedule's longest wait.
    [InlineData("/graph/1", 24 * 365, 6)]
    [InlineData("/f", 24 * 365, 6)]
    public async Task A_date_in_retry_after_makes_the_wait_longer(string busy, int hours, int expectedHours)
    {
        await using var server = await MediaServer.StartAsync();
        var settings = Settings(("Media:RetrySchedule", "00:00:00.1,06:00:00"), ("Media:GraphUrl", server.Url + "/graph/"));
        await using var gateway = await GatewayFixture.StartAsync(settings: settings);
        var (instance, path) = await NewCloudAsync(gateway);
        server.Graph("1", server.Url + "/f");
        var asked = DateTimeOffset.UtcNow.AddHours(hours);
        server.Routes[busy] = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = asked.ToString("R");
            return Task.CompletedTask;
        };
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg")));
        var id = IdOf(await gateway.NewestAsync(instance));
        var item = default(JsonElement);
        Assert.True(await Eventually.HoldsAsync(async () => (item = await gateway.CallAsync(instance, HttpMethod.Get, $"/media/{id}")).GetProperty("attempts").GetInt32() == 1), $"{item}");
        // A tenth is added at most, and a slow machine takes a moment.
        var wait = item.GetProperty("next_attempt_at").GetDateTimeOffset() - (asked - TimeSpan.FromHours(hours));
        Assert.InRange(wait, TimeSpan.FromHours(expectedHours) - TimeSpan.FromSeconds(2), (TimeSpan.FromHours(expectedHours) * 1.1) + TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_url_may_have_8192_characters_and_no_more()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick));
        var instance = await gateway.NewInstanceAsync();
        var longest = (server.Serve("/f", Jpeg()) + "?X-Amz-Security-Token=").PadRight(8_192, 'a');
        Assert.Equal(8_192, FetchUrl.MaxLength);
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.PublishUrlAsync(instance, longest)))).Body);
        object tooLong = new { type = "Message", data = new { media_source_url = longest + "a" } };
        Assert.Equal((400, "invalid_field"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/events", tooLong));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.PublishUrlAsync(instance, server.Redirect("/far", longest))))).Body);
        var data = await gateway.PublishUrlAsync(instance, server.Redirect("/farther", longest + "a"));
        Assert.Equal("media_bad_url", (await gateway.GetAsync(LinkOf(data))).Error);
    }

    [Theory]
    [InlineData(401, "{\"error\":{\"code\":190,\"message\":\"Error validating access token\"}}", "media_token_rejected", 1)]
    [InlineData(400, "{\"error\":{\"code\":190}}", "media_token_rejected", 1)]
    [InlineData(401, "", "media_token_rejected", 1)]
    [InlineData(403, "", "media_source_error", 3)]
    // Too many calls, and what passes, whatever the status says.
    [InlineData(400, "{\"error\":{\"code\":4}}", "media_source_error", 3)]
    [InlineData(400, "{\"error\":{\"code\":80007}}", "media_source_error", 3)]
    [InlineData(403, "{\"error\":{\"code\":130429}}", "media_source_error", 3)]
    [InlineData(404, "{\"error\":{\"code\":2}}", "media_source_error", 3)]
    [InlineData(401, "{\"error\":{\"code\":9,\"is_transient\":true}}", "media_source_error", 3)]
    [InlineData(400, "{\"error\":{\"code\":100}}", "media_source_error", 3)]
    [InlineData(400, "", "media_source_error", 3)]
    [InlineData(400, "{\"error\":{\"code\":100,\"error_subcode\":33}}", "media_not_at_source", 1)]
    [InlineData(404, "", "media_not_at_source", 1)]
    [InlineData(500, "", "media_source_error", 3)]
    [InlineData(429, "{}", "media_source_error", 3)]
    [InlineData(200, "no json", "media_source_error", 3)]
    [InlineData(200, "{\"url\":7}", "media_bad_url", 1)]
    public async Task What_the_graph_api_says_is_told(int status, string body, string code, int requests)
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: CloudSettings(server));
        var (instance, path) = await NewCloudAsync(gateway);
        server.Refuse("/graph/1", status, body);
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg")));
        var data = await gateway.NewestAsync(instance);
        var item = await gateway.WaitForAsync(instance, IdOf(data), "failed");
        Assert.Equal(code, item.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(requests, server.Requests.Count);
        Assert.DoesNotContain(Token, item.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_goes_to_no_other_host_than_the_one_that_the_graph_api_named()
    {
        await using var server = await MediaServer.StartAsync();
        await using var other = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: CloudSettings(server));
        var (instance, path) = await NewCloudAsync(gateway);
        other.Serve("/f", Jpeg());
        server.Graph("1", server.Redirect("/lookaside", other.Url + "/f"));
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg")));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
        Assert.All(server.Requests, request => Assert.Equal("Bearer " + Token, request.Authorization));
        Assert.Equal("", Assert.Single(other.Requests).Authorization);
    }

    [Fact]
    public async Task An_answer_in_the_graph_apis_name_from_another_host_gets_no_token()
    {
        await using var server = await MediaServer.StartAsync();
        await using var other = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: CloudSettings(server));
        var (instance, path) = await NewCloudAsync(gateway);
        server.Redirect("/graph/1", other.Url + "/graph/1");
        other.Graph("1", other.Serve("/f", Jpeg()));
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg")));
        var item = await gateway.WaitForAsync(instance, IdOf(await gateway.NewestAsync(instance)), "failed");
        Assert.Equal("media_source_error", item.GetProperty("error").GetProperty("code").GetString());
        Assert.All(other.Requests, request => Assert.Equal(("/graph/1", ""), request));
    }

    [Fact]
    public void A_token_that_came_by_https_leaves_by_nothing_less()
    {
        var answer = JsonSerializer.SerializeToElement(new { url = "http://lookaside.example.com/f" });
        Assert.Equal("media_bad_url", Assert.Throws<MediaFailedException>(() => GraphApi.FileOf(answer, isSecure: true)).Failure.Code);
        Assert.Equal("http://lookaside.example.com/f", GraphApi.FileOf(answer, isSecure: false).Url.AbsoluteUri);
    }

    [Fact]
    public async Task A_file_of_another_hash_than_meta_said_is_kept_all_the_same()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: CloudSettings(server));
        var (instance, path) = await NewCloudAsync(gateway);
        server.Graph("1", server.Serve("/f", Jpeg()), sha256: new string('1', 64));
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg", more: ",\"sha256\":\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"")));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
    }

    [Fact]
    public async Task A_pending_file_is_waited_for_and_then_answered_202()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:WaitFor", "00:00:00.3")));
        var instance = await gateway.NewInstanceAsync();
        var release = new TaskCompletionSource();
        server.Routes["/f"] = async context =>
        {
            await release.Task;
            await context.Response.Body.WriteAsync(Jpeg());
        };
        var data = await gateway.PublishUrlAsync(instance, server.Url + "/f", new { file_name = "foto.jpg", mime_type = "image/jpeg" });
        Assert.False(data.TryGetProperty("media_source_url", out _));
        Assert.Equal(("foto.jpg", "image/jpeg", "pending"), (data.GetProperty("media").GetProperty("file_name").GetString(), data.GetProperty("media").GetProperty("mime_type").GetString(), data.GetProperty("media").GetProperty("status").GetString()));
        var pending = await gateway.GetAsync(LinkOf(data));
        Assert.Equal((202, "pending"), (pending.Status, pending.Json.GetProperty("data").GetProperty("status").GetString()));
        Assert.True(pending.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        release.SetResult();
        await gateway.WaitForAsync(instance, IdOf(data), "stored");
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
    }

    [Fact]
    public async Task Who_waits_has_the_file_as_soon_as_it_is_there()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:WaitFor", "00:02:00")));
        var instance = await gateway.NewInstanceAsync();
        var (asked, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Routes["/f"] = async context =>
        {
            asked.TrySetResult();
            await release.Task;
            await context.Response.Body.WriteAsync(Jpeg());
        };
        var data = await gateway.PublishUrlAsync(instance, server.Url + "/f");
        await asked.Task;
        var readers = Enumerable.Range(0, 20).Select(_ => gateway.GetAsync(LinkOf(data))).ToList();
        release.SetResult();
        Assert.All(await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken), reader => Assert.Equal(Jpeg(), reader.Body));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_gateway_that_stops_lets_nobody_wait()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:WaitFor", "00:02:00")));
        var instance = await gateway.NewInstanceAsync();
        server.Routes["/f"] = server.HangAsync;
        var link = LinkOf(await gateway.PublishUrlAsync(instance, server.Url + "/f"));
        var waiting = gateway.GetAsync(link);
        await Eventually.HoldsAsync(() => Task.FromResult(gateway.Get<MediaWaiters>().Waiting == 1));
        await gateway.App.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(202, (await waiting).Status);
    }

    [Fact]
    public async Task No_more_wait_than_may()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:WaitFor", "00:02:00"), ("Media:MaxWaiting", "0")));
        var instance = await gateway.NewInstanceAsync();
        server.Routes["/f"] = server.HangAsync;
        Assert.Equal(202, (await gateway.GetAsync(LinkOf(await gateway.PublishUrlAsync(instance, server.Url + "/f")))).Status);
    }

    [Fact]
    public async Task A_slow_server_of_one_instance_holds_up_no_other()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:FetchesAtOnce", "3"), ("Media:FetchesAtOncePerInstance", "2")));
        var (slow, quick) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        server.Routes["/slow"] = server.HangAsync;
        for (var i = 0; i < 5; i++)
            await gateway.PublishUrlAsync(slow, server.Url + "/slow");
        var data = await gateway.PublishUrlAsync(quick, server.Serve("/f", Jpeg()));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
        Assert.Equal(2, server.Requests.Count(request => request.Path == "/slow"));
    }

    [Fact]
    public async Task What_failed_is_fetched_again_when_it_is_asked_for_one_or_all()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick));
        var instance = await gateway.NewInstanceAsync();
        server.Refuse("/f", 404);
        var data = new List<JsonElement>();
        for (var i = 0; i < 3; i++)
        {
            data.Add(await gateway.PublishUrlAsync(instance, server.Url + "/f"));
            await gateway.WaitForAsync(instance, IdOf(data[i]), "failed");
        }

        server.Serve("/f", Jpeg());
        var (status, item) = await gateway.SendAsync(HttpMethod.Post, $"/media/{IdOf(data[0])}/fetch", accessToken: instance.AccessToken);
        Assert.Equal((202, 0), (status, item.GetProperty("data").GetProperty("attempts").GetInt32()));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data[0]))).Body);
        (status, item) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/media/fetch", accessToken: instance.AccessToken);
        Assert.Equal((202, 2), (status, item.GetProperty("data").GetProperty("again").GetInt32()));
        Assert.All(await Task.WhenAll(data.Select(one => gateway.GetAsync(LinkOf(one)))), answer => Assert.Equal(Jpeg(), answer.Body));
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_is_tried_again_and_the_event_is_as_it_was()
    {
        await using var server = await MediaServer.StartAsync();
        var store = new FullStore();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick), configure: builder => builder.Services.AddSingleton<IMediaStore>(store));
        var instance = await gateway.NewInstanceAsync();
        var data = await gateway.PublishUrlAsync(instance, server.Serve("/f", Jpeg()));
        var failed = await gateway.WaitForAsync(instance, IdOf(data), "failed");
        Assert.Equal("media_disk_full", failed.GetProperty("error").GetProperty("code").GetString());
        // What came within its event is lost, and the event is not; who can send it again is told to.
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), WuzFile("1", "image", "image/jpeg", Jpeg()), "application/json"));
        Assert.Equal("media_lost", (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Error);
        Assert.Equal(503, (await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg"))).Status);
        Assert.Equal(2, (await gateway.EventsAsync(instance)).Length);
    }

    /// <summary>Publishes an event with a URL from which its file cannot be got; its item when that is given up.</summary>
    private static async Task<JsonElement> FailAsync(string url, string code, object? media = null, (string, string)[]? more = null)
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings([.. Quick, .. more ?? []]));
        var instance = await gateway.NewInstanceAsync();
        var data = await gateway.PublishUrlAsync(instance, url, media);
        var item = await gateway.WaitForAsync(instance, IdOf(data), "failed");
        Assert.Equal(code, item.GetProperty("error").GetProperty("code").GetString());
        var answer = await gateway.GetAsync(LinkOf(data));
        Assert.Equal((424, code), (answer.Status, answer.Error));
        Assert.Equal(data.GetRawText(), (await gateway.NewestAsync(instance)).GetRawText());
        // Nothing of it is left.
        Assert.Empty(FilesOf(gateway));
        return item;
    }

    private static Dictionary<string, string?> CloudSettings(MediaServer server) => Settings([.. Quick, ("Media:GraphUrl", server.Url + "/graph/")]);

    private static async Task<(TestInstance Instance, string Path)> NewCloudAsync(GatewayFixture gateway)
    {
        var instance = await gateway.NewInstanceAsync();
        return (instance, await gateway.SetCloudAsync(instance, more: new
        {
            phone_number_id = SourceCalls.Number, app_secret = SourceCalls.AppSecret, verify_token = SourceCalls.VerifyToken, waba_id = SourceCalls.Waba, access_token = Token,
        }));
    }

    private sealed class FullStore : IMediaStore
    {
        public Task KeepAsync(IncomingFile file, CancellationToken cancellationToken) => throw new IOException("No space left on device");

        public ValueTask<bool> RenewAsync(string sha256, CancellationToken cancellationToken) => ValueTask.FromResult(false);

        public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) => ValueTask.FromResult<Stream?>(null);

        public ValueTask<bool> RemoveAsync(string sha256, DateTimeOffset keptBefore, CancellationToken cancellationToken) => ValueTask.FromResult(false);

        public IAsyncEnumerable<StoredFile> ListAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<StoredFile>();
    }
}
