using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Media;

/// <summary>A link that was refused: what becomes of it, and of the file.</summary>
public sealed class RenewalTests
{
    [Theory]
    [InlineData(404, "media_not_found")]
    [InlineData(410, "media_gone")]
    [InlineData(404, "event_not_retained")]
    public async Task A_file_that_was_removed_is_gone_also_behind_a_link_that_has_expired(int status, string code)
    {
        await using var gateway = await ScriptedServer.StartAsync();
        gateway.Other = context => ScriptedServer.RefuseAsync(context, status, code, "There is no such file.");
        var gone = Assert.IsType<VZapsMediaException>(await FailAsync(gateway));
        Assert.Equal((MediaProblem.Gone, code), (gone.Problem, gone.ErrorCode));
        Assert.Contains("There is no such file.", gone.Message, StringComparison.Ordinal);
        Assert.Equal(code, Assert.IsType<VZapsApiException>(gone.InnerException).ErrorCode);
    }

    [Fact]
    public async Task A_gateway_that_cannot_renew_it_now_is_what_is_said()
    {
        await using var gateway = await ScriptedServer.StartAsync();
        gateway.Other = context => ScriptedServer.RefuseAsync(context, 503, "unavailable", "Later.");
        Assert.Equal(503, Assert.IsType<VZapsApiException>(await FailAsync(gateway)).StatusCode);
        gateway.Other = context => ScriptedServer.RefuseAsync(context, 401, "invalid_token", "No.");
        Assert.IsType<VZapsAuthenticationException>(await FailAsync(gateway));
        gateway.Other = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.IsType<VZapsTimeoutException>(await FailAsync(gateway, options => options.RequestTimeout = TimeSpan.FromMilliseconds(500)));
    }

    [Fact]
    public async Task A_link_that_was_good_since_is_renewed_again()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var renewals = new ConcurrentQueue<string>();
        gateway.Other = context =>
        {
            renewals.Enqueue(context.Request.Path!);
            return context.Response.WriteAsync($$$"""{"code":200,"success":true,"data":{"media_url":"{{{files.Url}}}"}}""");
        };
        files.RefuseNext(403, "media_link_expired");
        files.Next.Enqueue(context =>
        {
            context.Response.StatusCode = 202;
            return Task.CompletedTask;
        });
        files.RefuseNext(403, "media_link_expired");
        files.CutAt(100_000);
        files.RefuseNext(403, "media_link_expired");
        await using var client = gateway.NewClient();
        await LinkTests.ReadAsync(await LinkTests.ReceiveAsync(gateway, client, files.Url, "pending"));
        Assert.Equal((3, 6), (renewals.Count, files.Asked.Count));
    }

    private static async Task<Exception> FailAsync(ScriptedServer gateway, Action<VZapsClientOptions>? change = null)
    {
        await using var files = await FileServer.StartAsync();
        files.RefuseNext(403, "media_link_expired");
        await using var client = gateway.NewClient(options =>
        {
            options.MaxCallRetries = 0;
            change?.Invoke(options);
        });
        return await Assert.ThrowsAnyAsync<VZapsException>(async () => await LinkTests.ReadAsync(await LinkTests.ReceiveAsync(gateway, client, files.Url)));
    }
}
