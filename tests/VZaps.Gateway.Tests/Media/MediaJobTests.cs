using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Media;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>Whose file is fetched next, and what becomes of an attempt that something overtakes.</summary>
public sealed class MediaJobTests
{
    [Fact]
    public async Task Instances_have_their_files_fetched_in_turn_whatever_waits_of_others()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:FetchesAtOnce", "4"), ("Media:FetchesAtOncePerInstance", "2")));
        // By their ids, the last one: nobody is in turn before the others for that either.
        TestInstance[] instances = [await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync()];
        Array.Sort(instances, (one, other) => string.CompareOrdinal(one.Id, other.Id));
        using var turns = new SemaphoreSlim(0);
        server.Routes["/slow"] = async context =>
        {
            await turns.WaitAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(Jpeg(), context.RequestAborted);
        };
        foreach (var instance in instances[..2])
        {
            var backlog = Enumerable.Range(0, 50).Select(_ => new { type = "Message", data = new { media_source_url = server.Url + "/slow" } });
            Assert.Equal(202, (await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", backlog, instance.AccessToken)).Status);
        }

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(server.Requests.Count == 4)));
        var data = await gateway.PublishUrlAsync(instances[2], server.Serve("/f", Jpeg()));
        // One may be in turn before it, and no more: what the two of them have waited for longer is of no account.
        turns.Release(2);
        Assert.Equal(200, (await gateway.GetAsync(LinkOf(data))).Status);
        Assert.InRange(server.Requests.Count(request => request.Path == "/slow"), 4, 6);
        turns.Release(200);
    }

    [Fact]
    public async Task What_is_asked_for_again_during_an_attempt_is_tried_again_however_that_one_ends()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:WaitFor", "00:00:00")));
        var instance = await gateway.NewInstanceAsync();
        var (asked, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Routes["/f"] = async context =>
        {
            context.Response.StatusCode = 404;
            asked.TrySetResult();
            await mayEnd.Task.WaitAsync(context.RequestAborted);
        };
        var data = await gateway.PublishUrlAsync(instance, server.Url + "/f");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(202, (await gateway.SendAsync(HttpMethod.Post, $"/media/{IdOf(data)}/fetch", accessToken: instance.AccessToken)).Status);
        server.Serve("/f", Jpeg());
        mayEnd.SetResult();
        await gateway.WaitForAsync(instance, IdOf(data), "stored");
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task An_empty_answer_is_no_file()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:RetrySchedule", "00:00:00.1"), ("Media:WaitFor", "00:00:00")));
        var instance = await gateway.NewInstanceAsync();
        var data = await gateway.PublishUrlAsync(instance, server.Serve("/f", []));
        var item = await gateway.WaitForAsync(instance, IdOf(data), "failed");
        Assert.Equal("media_source_error", item.GetProperty("error").GetProperty("code").GetString());
        // Where its publisher says that it is empty, it is.
        data = await gateway.PublishUrlAsync(instance, server.Url + "/f", new { size = 0 });
        await gateway.WaitForAsync(instance, IdOf(data), "stored");
    }

    [Theory]
    [InlineData("unreachable", "media_unreachable")]
    [InlineData("private", "media_address_refused")]
    public async Task Who_has_a_link_is_not_told_of_whom_a_file_is_fetched(string how, string code)
    {
        using var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(
            settings: Settings(("Media:RetrySchedule", "00:00:00.1"), ("Media:WaitFor", "00:00:00")), configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        string url;
        await using (var server = await MediaServer.StartAsync())
            url = how == "private" ? "http://10.1.2.3/f" : server.Url + "/f";
        var data = await gateway.PublishUrlAsync(instance, url);
        await gateway.WaitForAsync(instance, IdOf(data), "failed");
        var answer = await gateway.GetAsync(LinkOf(data));
        Assert.Equal((424, code), (answer.Status, answer.Error));
        var host = how == "private" ? "10.1.2.3" : "127.0.0.1";
        Assert.DoesNotContain(host, Encoding.UTF8.GetString(answer.Body), StringComparison.Ordinal);
        Assert.Contains(log.Text.Split('\n'), line => line.Contains(host, StringComparison.Ordinal) && line.Contains(code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_cloud_file_whose_hash_is_another_than_the_graph_api_says_the_log_tells_and_it_is_kept()
    {
        using var log = new CapturedLog();
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:GraphUrl", server.Url + "/graph")), configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance, more: new
        {
            phone_number_id = SourceCalls.Number, app_secret = SourceCalls.AppSecret, verify_token = SourceCalls.VerifyToken, waba_id = SourceCalls.Waba, access_token = "EAAtest0123456789",
        });
        server.Graph("1", server.Serve("/f", Jpeg()), sha256: new string('a', 64));
        Assert.Equal(200, await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg"))));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
        Assert.Contains("another SHA-256", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_is_answered_with_202_lives_no_longer_for_that()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:WaitFor", "00:00:00")));
        var instance = await gateway.NewInstanceAsync();
        server.Routes["/f"] = server.HangAsync;
        Assert.True(MediaId.TryParse(IdOf(await gateway.PublishUrlAsync(instance, server.Url + "/f")), out var id));
        var link = gateway.Get<MediaLinks>().Make("", id, InstanceId.Parse(instance.Id), DateTimeOffset.UtcNow.AddMinutes(2).ToUnixTimeSeconds());
        var answer = await gateway.GetAsync(link);
        Assert.Equal((202, link), (answer.Status, LinkOf(answer.Json.GetProperty("data"))));
    }

    [Fact]
    public async Task The_file_of_a_payload_that_is_kept_is_registered_by_the_next_one_like_it_where_it_was_not_by_the_first()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        var body = Encoding.UTF8.GetBytes($$"""{"type":"Message","event":{},"base64":"{{Convert.ToBase64String(Jpeg())}}"}""");
        Assert.Equal(200, await gateway.PostAsync(path, body, "application/json"));
        var id = Assert.Single(await ItemsAsync()).GetProperty("id").GetString()!;
        // As after a kill in between.
        await gateway.Get<MediaCatalog>().RemoveAsync([id], TestContext.Current.CancellationToken);
        Assert.Empty(await ItemsAsync());
        Assert.Equal(200, await gateway.PostAsync(path, body, "application/json"));
        Assert.Equal(200, await gateway.PostAsync(path, body, "application/json"));
        Assert.Single(await ItemsAsync());
        Assert.Equal(1, (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi/kept")).GetProperty("payloads").GetArrayLength());

        async Task<IEnumerable<JsonElement>> ItemsAsync() => (await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray();
    }

    [Fact]
    public async Task The_file_of_a_body_that_is_nested_too_deep_is_registered_as_long_as_that_is_kept()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var body = $$"""{"type":"Message","base64":"{{Convert.ToBase64String(Jpeg())}}","event":{{new string('[', 70)}}{{new string(']', 70)}}}""";
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), Encoding.UTF8.GetBytes(body), "application/json"));
        Assert.Equal(1, (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi/kept")).GetProperty("total").GetInt32());
        Assert.Equal(5_000, Assert.Single((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray()).GetProperty("size").GetInt32());
    }

    [Fact]
    public async Task The_file_of_a_payload_that_is_kept_is_registered_anew_where_an_event_of_long_ago_has_it()
    {
        var clock = new JumpingClock();
        await using var gateway = await GatewayFixture.StartAsync(configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var instance = await gateway.NewInstanceAsync();
        await gateway.PublishFileAsync(instance, Jpeg());
        clock.Jump(TimeSpan.FromDays(2));
        instance = instance with { AccessToken = await gateway.TokenAsync() };
        var body = Encoding.UTF8.GetBytes($$"""{"type":"Message","event":{},"base64":"{{Convert.ToBase64String(Jpeg())}}"}""");
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), body, "application/json"));
        // The older one may go before the payload does.
        Assert.Equal(2, (await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_name_that_is_no_text_beside_those_of_a_file_harms_nothing()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings());
        var instance = await gateway.NewInstanceAsync();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Jpeg()));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/instances/{instance.Id}/events")
        {
            Content = new StringContent($$$$"""{"type":"Message","data":{"\ud800aaaaa":1,"media_source_url":"{{{{server.Serve("/f", Jpeg())}}}}","media":{"\ud800aaaa":1,"sha256":"{{{{hash}}}}"}}}"""),
        };
        request.Headers.Authorization = new("Bearer", instance.AccessToken);
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(StatusCodes.Status202Accepted, (int)answer.StatusCode);
        var envelope = (await gateway.EventsAsync(instance))[^1];
        var item = await gateway.CallAsync(instance, HttpMethod.Get, $"/events/{envelope.GetProperty("id").GetString()}/media");
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(item))).Body);
    }

    [Theory]
    [InlineData("say \\\"hi\\\".pdf", "say \"hi\".pdf")]
    [InlineData("C:\\docs\\a.pdf", "a.pdf")]
    public async Task A_name_in_quotes_may_have_quotes(string given, string name)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        using var form = Form(Jpeg(), "x", "image/jpeg");
        form.ElementAt(1).Headers.Remove("Content-Disposition");
        form.ElementAt(1).Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"file\"; filename=\"{given}\"");
        var (status, answer) = await gateway.PostFormAsync(instance, form);
        Assert.True(status == 202, answer);
        Assert.Equal(name, (await gateway.NewestAsync(instance)).GetProperty("media").GetProperty("file_name").GetString());
    }
}
