using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Http;

public sealed class CallTests
{
    private const string Instance = """
        {"id":"VZ1","name":"shop","token":"once","webhook":null,"events_subscribe":["Message","PollVote"],"labels":{"team":"a"},
         "connected":true,"created_at":"2026-06-23T22:57:17.000Z","updated_at":"2026-06-23T22:57:18.000Z","colour":"green"}
        """;

    [Fact]
    public async Task Instances_are_sent_and_read_in_snake_case_and_unknown_fields_are_kept()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Answer(server, 201, Instance);
        await using var client = server.NewClient();
        var made = await client.Instances.CreateAsync(new CreateInstanceRequest { Name = "shop", EventsSubscribe = [EventType.Message] });
        Assert.Equal("""PUT /instances/create {"name":"shop","events_subscribe":["Message"]}""", seen.Single());
        Assert.Equal("once", made.Token);
        Assert.Equal([EventType.Message, EventType.Parse("PollVote")], made.EventsSubscribe);
        Assert.Equal("a", made.Labels!["team"]);
        Assert.Equal("green", made.Extra!["colour"].GetString());
        Assert.DoesNotContain("once", made.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_an_instance_sends_back_what_is_not_known_but_never_the_token()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Answer(server, 200, Instance);
        await using var client = server.NewClient();
        var instance = await client.Instances.GetAsync("VZ1");
        seen.Clear();
        await client.Instances.UpdateAsync("VZ1", instance.ToUpdate() with { Name = "new" });
        Assert.Equal("""PATCH /instances/VZ1 {"name":"new","events_subscribe":["Message","PollVote"],"labels":{"team":"a"},"colour":"green"}""", seen.Single());
    }

    [Fact]
    public async Task Each_call_goes_to_its_route()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Answer(server, 200, $$"""{"code":200,"success":true,"data":{{Instance}}}""");
        await using var client = server.NewClient();
        Assert.Equal("shop", (await client.Instances.GetAsync("VZ1")).Name);
        await client.Instances.UpdateAsync("VZ1", new UpdateInstanceRequest { Name = "new" });
        await client.Instances.RotateTokenAsync("VZ1");
        await client.Instances.DeleteAsync("VZ1");
        Assert.Equal(
            ["""POST /instances/get {"id":"VZ1"}""", """PATCH /instances/VZ1 {"name":"new"}""", "POST /instances/VZ1/token/rotate ", "DELETE /instances/VZ1 "],
            seen);
    }

    [Fact]
    public async Task A_list_has_its_page_and_its_instances()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Answer(server, 200, $$"""{"page":2,"size":10,"total":11,"total_pages":2,"content":[{{Instance}}],"summary":{"connected":1} }""");
        await using var client = server.NewClient();
        var page = await client.Instances.ListAsync(new ListInstancesRequest { Page = 2, Size = 10, Filter = new InstanceFilter { Query = "sh" } });
        Assert.Equal("""POST /instances/list {"page":2,"size":10,"filter":{"query":"sh"},"sort_desc":false}""", seen.Single());
        Assert.Equal((11, 2, "shop"), (page.Total, page.TotalPages, page.Content.Single().Name));
        Assert.Equal(1, page.Summary.GetProperty("connected").GetInt32());
    }

    [Theory]
    [InlineData("{\"ids\":[\"evt_1\",\"evt_2\"],\"duplicates\":[1]}")]
    [InlineData("{\"code\":202,\"success\":true,\"data\":{\"ids\":[\"evt_1\",\"evt_2\"],\"duplicates\":[1]}}")]
    public async Task A_publish_gives_the_ids_and_the_duplicates_whether_the_answer_is_wrapped_or_bare(string answer)
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Answer(server, 202, answer);
        await using var client = server.NewClient();
        using var data = JsonDocument.Parse("{\"text\":\"hi\"}");
        var result = await client.Events.PublishAsync(new EventPublishRequest
        {
            InstanceId = "VZ1",
            Events = [new PublishEvent { Type = EventType.Message, Data = data.RootElement, IdempotencyKey = "k" }, new PublishEvent { Type = EventType.Presence, Data = data.RootElement }],
        });
        Assert.Equal(["evt_1", "evt_2"], result.Ids);
        Assert.Equal([1], result.Duplicates);
        Assert.Equal(
            """POST /instances/VZ1/events [{"type":"Message","data":{"text":"hi"},"idempotency_key":"k"},{"type":"Presence","data":{"text":"hi"}}]""",
            seen.Single());
    }

    [Fact]
    public async Task A_publish_with_the_instance_token_needs_no_access_token()
    {
        await using var server = await ScriptedServer.StartAsync();
        var headers = "";
        server.Other = context =>
        {
            headers = $"{context.Request.Headers["X-Client-Token"]} {context.Request.Headers["X-Instance-Token"]} {context.Request.Headers.Authorization}";
            return context.Response.WriteAsync("{\"ids\":[],\"duplicates\":[]}");
        };
        await using var client = server.NewClient();
        using var data = JsonDocument.Parse("{}");
        await client.Events.PublishAsync(new EventPublishRequest
        {
            InstanceId = "VZ1",
            InstanceToken = ScriptedServer.InstanceToken,
            Events = [new PublishEvent { Type = EventType.Message, Data = data.RootElement }],
        });
        Assert.Equal($"{ScriptedServer.ClientToken} {ScriptedServer.InstanceToken} ", headers);
        Assert.Equal(0, server.TokensGiven);
    }

    [Fact]
    public async Task A_refusal_keeps_its_status_code_text_and_index()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Other = context =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync("""{"code":400,"success":false,"error":"unknown_event_type","message":"No such type.","index":3}""");
        };
        await using var client = server.NewClient();
        var error = await Assert.ThrowsAsync<VZapsApiException>(() => client.RequestAsync(HttpMethod.Post, "/x?y=1", new JsonObject()));
        Assert.Equal((400, "unknown_event_type", 3), (error.StatusCode, error.ErrorCode, error.Index!.Value));
        Assert.Equal("POST /x was refused with 400: No such type.", error.Message);
    }

    [Fact]
    public async Task A_429_is_a_rate_limit_with_its_wait()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Other = context =>
        {
            context.Response.Headers.RetryAfter = "7";
            return ScriptedServer.RefuseAsync(context, 429, "rate_limited", "Slower.");
        };
        await using var client = server.NewClient();
        var error = await Assert.ThrowsAsync<VZapsRateLimitException>(() => client.RequestAsync(HttpMethod.Get, "/x"));
        Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_timeout_error()
    {
        await using var server = await ScriptedServer.StartAsync();
        var never = new TaskCompletionSource();
        server.Other = _ => never.Task;
        await using var client = server.NewClient(options => options.RequestTimeout = TimeSpan.FromMilliseconds(200));
        await client.Auth.GetAccessTokenAsync();
        await Assert.ThrowsAsync<VZapsTimeoutException>(() => client.RequestAsync(HttpMethod.Get, "/x").OrFailAsync());
        never.SetResult();
    }

    [Fact]
    public async Task An_unreachable_server_is_an_error_that_names_its_address()
    {
        var server = await ScriptedServer.StartAsync();
        var address = server.Address;
        await server.DisposeAsync();
        await using var client = ScriptedServer.NewClientAt(address);
        var error = await Assert.ThrowsAsync<VZapsException>(() => client.RequestAsync(HttpMethod.Get, "/x").OrFailAsync());
        Assert.Contains(address.Authority, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_that_is_not_wrapped_gives_its_whole_answer()
    {
        await using var server = await ScriptedServer.StartAsync();
        Answer(server, 200, "{\"code\":200,\"success\":true,\"data\":[1]}");
        await using var client = server.NewClient();
        var answer = await client.RequestAsync(HttpMethod.Get, "/instances/VZ1/consumers");
        Assert.Equal(1, answer.GetProperty("data")[0].GetInt32());
    }

    private static List<string> Answer(ScriptedServer server, int status, string json)
    {
        var seen = new List<string>();
        server.Other = async context =>
        {
            seen.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {await new StreamReader(context.Request.Body).ReadToEndAsync()}");
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(json);
        };
        return seen;
    }
}
