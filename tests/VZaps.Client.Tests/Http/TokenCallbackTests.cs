using System.Text;

namespace VZaps.Client.Tests.Http;

public sealed class TokenCallbackTests
{
    [Fact]
    public async Task A_token_of_the_users_is_used_in_place_of_one_from_the_server()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = NewClient(server, _ => Task.FromResult("from-the-vault"));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        await server.AcceptAsync();
        Assert.Equal("Bearer from-the-vault", Assert.Single(server.Handshakes).Header("Authorization"));
        Assert.Equal("from-the-vault", await client.Auth.GetAccessTokenAsync());
        Assert.Empty(server.TokenBodies);
    }

    [Fact]
    public async Task It_is_asked_again_when_a_token_was_refused_and_before_a_jwt_ends()
    {
        await using var server = await ScriptedServer.StartAsync();
        var time = new ShiftedTime();
        var asked = 0;
        await using var client = NewClient(server, _ => Task.FromResult(Jwt(++asked, time.GetUtcNow().AddHours(1))), options => options.TimeProvider = time);
        server.RefuseNext(401);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var first = await server.AcceptAsync();
        Assert.Equal(2, asked);
        time.Shift += TimeSpan.FromMinutes(58);
        Assert.Equal(first.Handshake.Header("Authorization"), "Bearer " + await client.Auth.GetAccessTokenAsync());
        time.Shift += TimeSpan.FromMinutes(1.5);
        first.Cut();
        await server.AcceptAsync();
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task One_that_throws_is_tried_again_and_one_that_says_so_ends_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        var asked = 0;
        await using var client = NewClient(server, _ => ++asked switch
        {
            1 => throw new InvalidOperationException("vault sealed"),
            2 => Task.FromResult("with a space"),
            _ => throw new VZapsAuthenticationException("account closed"),
        });
        var log = await Assert.ThrowsAsync<VZapsAuthenticationException>(() => client.Events.SubscribeAsync(ScriptedServer.Request).OrFailAsync());
        Assert.Equal("account closed", log.Message);
        Assert.Equal(3, asked);
        Assert.Empty(server.Handshakes);
    }

    [Fact]
    public async Task One_that_does_not_answer_is_given_up_after_the_request_time_out()
    {
        await using var client = new VZapsClient(new VZapsClientOptions
        {
            ClientToken = "t", GetTokenAsync = async ct =>
            {
                await Task.Delay(Timeout.Infinite, ct);
                return "";
            },
            RequestTimeout = TimeSpan.FromMilliseconds(100),
        });
        await Assert.ThrowsAsync<VZapsTimeoutException>(() => client.Auth.GetAccessTokenAsync().OrFailAsync());
    }

    [Fact]
    public void A_secret_and_a_callback_are_one_too_many()
    {
        var error = Assert.Throws<ArgumentException>(() => new VZapsClient(new VZapsClientOptions
        {
            ClientToken = "t", ClientSecret = "s", GetTokenAsync = _ => Task.FromResult("t"),
        }));
        Assert.Contains("GetTokenAsync", error.Message, StringComparison.Ordinal);
    }

    private static string Jwt(int number, DateTimeOffset end) =>
        $"e30.{Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"n":{{number}},"exp":{{end.ToUnixTimeSeconds()}}}""")).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.sig";

    private static VZapsClient NewClient(ScriptedServer server, Func<CancellationToken, Task<string>> getToken, Action<VZapsClientOptions>? change = null) =>
        server.NewClient(options =>
        {
            (options.ClientSecret, options.GetTokenAsync) = ("", getToken);
            change?.Invoke(options);
        });
}
