using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Http;

public sealed class CallRetryTests
{
    private int _calls;

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_call_that_reads_is_sent_again_when_the_server_cannot_now(int status)
    {
        await using var server = await RefusingAsync(times: 2, status);
        await using var client = server.NewClient();
        Assert.Equal(1, (await client.RequestAsync(HttpMethod.Get, "/x")).GetProperty("n").GetInt32());
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task It_is_given_up_after_the_retries_of_the_options()
    {
        await using var server = await RefusingAsync(times: 100, 503);
        await using var client = server.NewClient(options => options.MaxCallRetries = 1);
        Assert.Equal(503, (await Assert.ThrowsAsync<VZapsApiException>(() => client.RequestAsync(HttpMethod.Get, "/x"))).StatusCode);
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task A_list_that_is_asked_for_by_post_is_sent_again_too()
    {
        await using var server = await RefusingAsync(times: 1, 503);
        await using var client = server.NewClient();
        await client.Instances.ListAsync();
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task A_call_that_changes_something_is_not_sent_again()
    {
        await using var server = await RefusingAsync(times: 1, 503);
        await using var client = server.NewClient();
        await Assert.ThrowsAsync<VZapsApiException>(() => client.RequestAsync(HttpMethod.Post, "/x", new JsonObject()));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_429_that_says_how_long_is_waited_for_whatever_the_call()
    {
        await using var server = await RefusingAsync(times: 1, 429, retryAfter: "0");
        await using var client = server.NewClient();
        await client.RequestAsync(HttpMethod.Post, "/x", new JsonObject());
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task A_wait_that_is_long_is_the_callers()
    {
        await using var server = await RefusingAsync(times: 1, 429, retryAfter: "6");
        await using var client = server.NewClient();
        await Assert.ThrowsAsync<VZapsRateLimitException>(() => client.RequestAsync(HttpMethod.Get, "/x"));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_typed_request_is_written_and_read_by_the_callers_own_context()
    {
        await using var server = await ScriptedServer.StartAsync();
        var body = "";
        server.Other = async context =>
        {
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync("""{"code":200,"success":true,"data":{"N":7}}""");
        };
        await using var client = server.NewClient();
        var answer = await client.RequestAsync(HttpMethod.Post, "/x", new Counted(3), OwnJson.Default.Counted, OwnJson.Default.Counted);
        Assert.Equal(("""{"N":3}""", 7), (body, answer!.N));
        Assert.Equal(7, (await client.RequestAsync(HttpMethod.Get, "/x", OwnJson.Default.Counted))!.N);
    }

    [Fact]
    public async Task A_typed_request_with_an_empty_answer_gives_nothing()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Other = context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        };
        await using var client = server.NewClient();
        Assert.Null(await client.RequestAsync(HttpMethod.Delete, "/x", OwnJson.Default.Counted));
    }

    private async Task<ScriptedServer> RefusingAsync(int times, int status, string? retryAfter = null)
    {
        var server = await ScriptedServer.StartAsync();
        server.Other = context =>
        {
            if (Interlocked.Increment(ref _calls) > times)
                return context.Response.WriteAsync("""{"n":1}""");
            if (retryAfter is not null)
                context.Response.Headers.RetryAfter = retryAfter;
            return ScriptedServer.RefuseAsync(context, status, "refused", "Not now.");
        };
        return server;
    }
}

internal sealed record Counted(int N);

[JsonSerializable(typeof(Counted))]
internal sealed partial class OwnJson : JsonSerializerContext;
