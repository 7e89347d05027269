using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Http;

public sealed class AuthTests
{
    [Fact]
    public async Task However_many_ask_at_once_one_token_is_fetched_and_kept()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.Auth.GetAccessTokenAsync()));
        Assert.All(tokens, token => Assert.Equal("jwt-1", token));
        Assert.Equal("jwt-1", await client.Auth.GetAccessTokenAsync());
        var body = Assert.Single(server.TokenBodies);
        Assert.Equal($$"""{"client_token":"{{ScriptedServer.ClientToken}}","client_secret":"{{ScriptedServer.ClientSecret}}"}""", body);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_ends()
    {
        await using var server = await ScriptedServer.StartAsync();
        var time = new ShiftedTime();
        await using var client = server.NewClient(options => options.TimeProvider = time);
        Assert.Equal("jwt-1", await client.Auth.GetAccessTokenAsync());
        time.Shift = TimeSpan.FromMinutes(58);
        Assert.Equal("jwt-1", await client.Auth.GetAccessTokenAsync());
        time.Shift = TimeSpan.FromMinutes(59.1);
        Assert.Equal("jwt-2", await client.Auth.GetAccessTokenAsync());
        Assert.Equal("jwt-3", await client.Auth.RenewAccessTokenAsync());
    }

    [Fact]
    public async Task A_401_to_a_call_renews_the_token_once()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Other = context => context.Request.Headers.Authorization == "Bearer jwt-2"
            ? context.Response.WriteAsync("{\"id\":\"VZ1\",\"name\":\"shop\"}")
            : ScriptedServer.RefuseAsync(context, 401, "invalid_token", "Void.");
        await using var client = server.NewClient();
        Assert.Equal("shop", (await client.Instances.GetAsync("VZ1")).Name);
        server.Other = context => ScriptedServer.RefuseAsync(context, 401, "invalid_token", "Void.");
        await Assert.ThrowsAsync<VZapsAuthenticationException>(() => client.Instances.GetAsync("VZ1"));
        Assert.Equal(3, server.TokensGiven);
    }

    [Fact]
    public async Task Wrong_credentials_are_an_authentication_error_without_the_secret()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.TokenRefusal = context => ScriptedServer.RefuseAsync(context, 401, "invalid_credentials", $"Wrong: {ScriptedServer.ClientSecret}");
        await using var client = server.NewClient();
        var error = await Assert.ThrowsAsync<VZapsAuthenticationException>(() => client.Events.SubscribeAsync(ScriptedServer.Request).OrFailAsync());
        Assert.Equal("invalid_credentials", error.ErrorCode);
        Assert.DoesNotContain(ScriptedServer.ClientSecret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_stops_waiting_for_a_token_does_not_take_it_from_the_others()
    {
        await using var server = await ScriptedServer.StartAsync();
        var release = new TaskCompletionSource();
        server.TokenRefusal = async context =>
        {
            await release.Task;
            await context.Response.WriteAsync("""{"access_token":"late","token_type":"Bearer","expires_in":60}""");
        };
        await using var client = server.NewClient();
        using var impatient = new CancellationTokenSource();
        var first = client.Auth.GetAccessTokenAsync(impatient.Token);
        var second = client.Auth.GetAccessTokenAsync();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        release.SetResult();
        Assert.Equal("late", await second.OrFailAsync());
    }
}
