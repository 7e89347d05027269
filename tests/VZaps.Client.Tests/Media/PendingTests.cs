using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Media;

/// <summary>Servers that keep who asks for a pending file waiting.</summary>
public sealed class PendingTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(0)]
    public async Task A_request_that_is_held_ends_with_the_wait_for_the_file(int seconds)
    {
        await using var server = await FileServer.StartAsync();
        server.Next.Enqueue(HoldAsync);
        var time = new TimeOfTimers();
        var opening = Pending(server, time, TimeSpan.FromSeconds(seconds), stall: TimeSpan.FromSeconds(10)).OpenReadAsync();
        await Wait.UntilAsync(() => server.Asked.Count == 1, "it is asked for");
        // A server that has the file is given the time to say so, however short the wait.
        time.Advance(TimeSpan.FromSeconds(Math.Max(seconds, 5) - 1));
        Assert.False(opening.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        var pending = await Assert.ThrowsAsync<VZapsMediaException>(() => opening.OrFailAsync());
        Assert.Equal(MediaProblem.StillPending, pending.Problem);
        Assert.IsType<VZapsTimeoutException>(pending.InnerException);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task The_next_request_has_what_the_first_has_left()
    {
        await using var server = await FileServer.StartAsync();
        server.Next.Enqueue(AnswerPendingAsync);
        server.Next.Enqueue(HoldAsync);
        var time = new TimeOfTimers();
        // What is stored by now was pending in its event, or a server says so first.
        var opening = Pending(server, time, TimeSpan.FromSeconds(60), stall: TimeSpan.FromSeconds(10), status: "stored").OpenReadAsync();
        await time.NextOfAsync(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(30));
        await Wait.UntilAsync(() => server.Asked.Count == 2, "it is asked for again");
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(opening.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(MediaProblem.StillPending, (await Assert.ThrowsAsync<VZapsMediaException>(() => opening.OrFailAsync())).Problem);
        Assert.Equal(2, server.Asked.Count);
    }

    [Fact]
    public async Task A_server_that_holds_a_request_for_longer_than_any_gateway_does_is_asked_again()
    {
        await using var server = await FileServer.StartAsync();
        server.Next.Enqueue(HoldAsync);
        var time = new TimeOfTimers();
        var opening = Pending(server, time, TimeSpan.FromHours(1), stall: TimeSpan.FromSeconds(10)).OpenReadAsync();
        await Wait.UntilAsync(() => server.Asked.Count == 1, "it is asked for");
        time.Advance(TimeSpan.FromSeconds(129));
        Assert.Single(server.Asked);
        time.Advance(TimeSpan.FromSeconds(1));
        // The back-off is a random part of half a second.
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(0.1));
                return opening.IsCompleted;
            },
            "it is there");
        await (await opening).DisposeAsync();
        Assert.Equal(2, server.Asked.Count);
    }

    [Fact]
    public async Task What_was_stored_is_bounded_by_stalls_alone()
    {
        await using var server = await FileServer.StartAsync();
        server.Next.Enqueue(HoldAsync);
        var time = new TimeOfTimers();
        var opening = Pending(server, time, TimeSpan.Zero, stall: TimeSpan.FromSeconds(10), status: "stored", maxResumes: 0).OpenReadAsync();
        await Wait.UntilAsync(() => server.Asked.Count == 1, "it is asked for");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains("(MediaStallTimeout)", (await Assert.ThrowsAsync<VZapsTimeoutException>(() => opening.OrFailAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_limit_of_the_programs_own_HttpClient_is_told_apart()
    {
        await using var gateway = await ScriptedServer.StartAsync();
        gateway.Other = HoldAsync;
        await using var client = gateway.NewClient(options =>
        {
            options.HttpClient = new HttpClient { Timeout = TimeSpan.FromMilliseconds(500) };
            options.MaxMediaResumes = 0;
        });
        var media = await LinkTests.ReceiveAsync(gateway, client, gateway.Address + "media/med_1?signature=0123456789", "pending");
        var late = await Assert.ThrowsAsync<VZapsTimeoutException>(() => media.OpenReadAsync().OrFailAsync());
        Assert.Contains("HttpClient.Timeout", late.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("MediaStallTimeout", late.Message, StringComparison.Ordinal);
    }

    private static EventMedia Pending(FileServer server, TimeProvider time, TimeSpan limit, TimeSpan stall, string status = "pending", int maxResumes = 5) =>
        TestMedia.Of(TestMedia.Data(server.Url, status: status), limit, stall, maxResumes, time);

    private static Task HoldAsync(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    private static Task AnswerPendingAsync(HttpContext context)
    {
        context.Response.StatusCode = 202;
        context.Response.Headers.RetryAfter = "30";
        return Task.CompletedTask;
    }
}
