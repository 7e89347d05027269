using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Examples;

/// <summary>Each example of the docs as its own process, against a real gateway.</summary>
public sealed class ExampleTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private int _messages;

    [Fact]
    public async Task The_worker_handles_a_message_and_stops_cleanly()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var worker = ExampleProcess.Start("Worker", ExampleProcess.HostSettings(gateway.Process, instance));
        await ConnectedAsync(instance, "default");
        await gateway.Api.PublishAsync(instance, Text("hello worker"));
        await worker.SeesAsync("Ana wrote: hello worker");
        await gateway.Api.PublishAsync(instance, """{"type":"Disconnected","data":{"event":{}}}""");
        await worker.SeesAsync("is Disconnected");
        Assert.Equal(0, await worker.StopAsync("TERM"));
    }

    [Fact]
    public async Task The_worker_does_not_start_with_a_value_that_is_missing()
    {
        await using var worker = ExampleProcess.Start("Worker", []);
        Assert.NotEqual(0, await worker.EndsAsync());
        Assert.True(worker.Has("VZaps:Subscriptions:phone:InstanceId is missing."), string.Join('\n', worker.Lines));
    }

    [Fact]
    public async Task The_live_page_shows_an_event_in_the_browser()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        var address = $"http://127.0.0.1:{GatewayProcess.FreePort()}";
        await using var page = ExampleProcess.Start("LivePage", ExampleProcess.HostSettings(gateway.Process, instance), "--urls", address);
        using var http = new HttpClient();
        await Wait.UntilAsync(() => IsHealthyAsync(http, address), "the page's health check is happy");
        Assert.Contains("EventSource(\"/live\")", await http.GetStringAsync(new Uri(address)), StringComparison.Ordinal);

        using var live = new StreamReader(await http.GetStreamAsync(new Uri(address + "/live")));
        await ReadUntilAsync(live, "data: watching");
        var id = (await gateway.Api.PublishAsync(instance, Text("hello page"))).Single();
        Assert.Contains($"Message {id}", await ReadUntilAsync(live, id), StringComparison.Ordinal);
        Assert.Equal(0, await page.StopAsync("TERM"));
    }

    [Fact]
    public async Task The_bot_answers_also_when_the_sender_is_down_the_first_time()
    {
        var posts = new ConcurrentQueue<(string Key, string Body)>();
        await using var sender = await StartSenderAsync(posts);
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var bot = ExampleProcess.Start(
            "AnsweringBot", [.. ExampleProcess.PlainSettings(gateway.Process, instance), ("SENDER_URL", sender.Urls.Single())]);
        await bot.SeesAsync("listening");
        var id = (await gateway.Api.PublishAsync(instance, Text("Are you open?"))).Single();
        await Wait.UntilAsync(() => posts.Count == 2, "the answer is posted again");
        Assert.All(posts, post => Assert.Equal(id, post.Key));
        using var answer = JsonDocument.Parse(posts.Last().Body);
        Assert.Equal("15550002222@s.whatsapp.net", answer.RootElement.GetProperty("to").GetString());
        Assert.Equal("We are open from 9 to 18.", answer.RootElement.GetProperty("text").GetString());
        Assert.Equal(0, await bot.StopAsync("INT"));
    }

    [Fact]
    public async Task Ctrl_C_under_load_lets_the_running_handler_finish_and_what_was_handled_is_acked_and_nothing_else()
    {
        const int Messages = 300;
        var (begun, answered) = (0, 0);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sender = await StartSenderAsync(async context =>
        {
            // The fifth message's handler is at it when Ctrl+C comes.
            if (Interlocked.Increment(ref begun) == 5)
                await held.Task;
            Interlocked.Increment(ref answered);
            context.Response.StatusCode = 200;
        });
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var bot = ExampleProcess.Start(
            "AnsweringBot", [.. ExampleProcess.PlainSettings(gateway.Process, instance), ("SENDER_URL", sender.Urls.Single())]);
        await bot.SeesAsync("listening");
        await gateway.Api.PublishAsync(instance, $"[{string.Join(',', Enumerable.Range(0, Messages).Select(_ => Text("Are you open?")))}]");
        await Wait.UntilAsync(() => Volatile.Read(ref begun) == 5, "a handler runs");
        await bot.SignalAsync("INT");
        held.SetResult();
        Assert.Equal(0, await bot.EndsAsync());
        Assert.InRange(answered, 5, Messages);
        Assert.Equal(begun, answered);
        Assert.Equal(Messages - answered, await LagAsync(instance, "answering-bot"));
    }

    [Fact]
    public async Task The_console_tail_prints_what_comes_and_ends_with_Ctrl_C()
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var tail = ExampleProcess.Start("ConsoleTail", ExampleProcess.PlainSettings(gateway.Process, instance), "Message");
        await tail.SeesAsync("tailing");
        // An ephemeral reader begins where the log ends when it connects, and nothing tells from outside that it has.
        await Wait.UntilAsync(
            async () =>
            {
                await gateway.Api.PublishAsync(instance, Text("hello tail"));
                return tail.Has("hello tail");
            },
            "the tail shows a message");
        Assert.Equal(0, await tail.StopAsync("INT"));
    }

    [Fact]
    public async Task The_database_transaction_makes_one_order_of_a_message_that_comes_twice()
    {
        var folder = Directory.CreateTempSubdirectory("vzaps-orders-");
        try
        {
            var instance = await gateway.Api.CreateInstanceAsync();
            var settings = ExampleProcess.PlainSettings(gateway.Process, instance).Append(("DATABASE", Path.Combine(folder.FullName, "orders.db"))).ToList();
            await using (var first = ExampleProcess.Start("EfCoreTransaction", settings))
            {
                await first.SeesAsync("taking orders");
                await gateway.Api.PublishAsync(instance, Text("one cake"));
                await first.SeesAsync("order 1: one cake");
                Assert.Equal(0, await first.StopAsync("INT"));
            }

            // Everything comes again, as after an ack that was lost. It is refused until the gateway has seen that the first one went.
            await Wait.UntilAsync(
                async () =>
                {
                    using var seek = await gateway.Api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/consumers/orders/seek", """{"to":"start"}""");
                    return seek.IsSuccessStatusCode;
                },
                "the consumer is moved");
            await using var second = ExampleProcess.Start("EfCoreTransaction", settings);
            await gateway.Api.PublishAsync(instance, Text("two teas"));
            await second.SeesAsync("order 2: two teas");
            Assert.False(second.Has("one cake"));
            Assert.Equal(0, await second.StopAsync("INT"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<long> LagAsync(TestInstance instance, string consumer)
    {
        using var answer = await gateway.Api.SendAsync(HttpMethod.Get, $"/instances/{instance.Id}/consumers");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("data").EnumerateArray().Single(one => one.GetProperty("name").GetString() == consumer).GetProperty("lag").GetInt64();
    }

    private static Task<WebApplication> StartSenderAsync(ConcurrentQueue<(string Key, string Body)> posts) => StartSenderAsync(async context =>
    {
        posts.Enqueue((context.Request.Headers["Idempotency-Key"].ToString(), await new StreamReader(context.Request.Body).ReadToEndAsync()));
        context.Response.StatusCode = posts.Count == 1 ? 503 : 200;
    });

    private static async Task<WebApplication> StartSenderAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var sender = builder.Build();
        sender.Run(answer);
        await sender.StartAsync();
        return sender;
    }

    private static async Task<bool> IsHealthyAsync(HttpClient http, string address)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(address + "/health"));
            return answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadAsStringAsync() == "Healthy";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<string> ReadUntilAsync(StreamReader stream, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await stream.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        throw new EndOfStreamException($"The stream ended before '{text}'.");
    }

    private Task ConnectedAsync(TestInstance instance, string consumer) => Wait.UntilAsync(
        async () =>
        {
            using var answer = await gateway.Api.SendAsync(HttpMethod.Get, $"/instances/{instance.Id}/consumers");
            return (await answer.Content.ReadAsStringAsync()).Contains($"\"name\":\"{consumer}\"", StringComparison.Ordinal);
        },
        $"{consumer} is connected");

    private string Text(string text) => $$$$$"""
        {"type":"Message","data":{"event":{"Info":{"ID":"3EB0{{{{{++_messages}}}}}","Chat":"15550002222@s.whatsapp.net","Sender":"15550002222@s.whatsapp.net","PushName":"Ana","IsFromMe":false,
         "Timestamp":"2026-06-23T22:57:17.000Z"},"Message":{"conversation":"{{{{{text}}}}}"}}}}
        """;
}
