using System.Text.Json;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Hosting;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Protocol;
using Xunit;

namespace VZaps.Gateway.Tests.Accounts;

public sealed class AccountTests
{
    [Theory]
    [InlineData("client_token", "client_secret")]
    [InlineData("clientToken", "clientSecret")]
    public async Task A_token_is_given_for_both_spellings(string token, string secret)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (status, answer) = await gateway.SendAsync(HttpMethod.Post, "/token",
            $$"""{"{{token}}":"{{GatewayFixture.ClientToken}}","{{secret}}":"{{GatewayFixture.ClientSecret}}"}""");
        Assert.Equal(200, status);
        Assert.Equal(3600, answer.GetProperty("expires_in").GetInt32());
        Assert.Equal("Bearer", answer.GetProperty("token_type").GetString());
    }

    [Fact]
    public async Task Too_many_failed_tokens_are_refused_with_429()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new() { ["Limits:FailedTokensPerMinute"] = "2" });
        for (var attempt = 0; attempt < 2; attempt++)
            Assert.Equal(401, (await gateway.SendAsync(HttpMethod.Post, "/token", new { client_token = "a", client_secret = "b" })).Status);
        Assert.Equal(429, (await gateway.SendAsync(HttpMethod.Post, "/token", new { client_token = "a", client_secret = "b" })).Status);
    }

    [Fact]
    public async Task A_restart_keeps_accounts_access_tokens_and_instances()
    {
        var folder = GatewayFixture.NewFolder();
        string token, id;
        await using (var first = await GatewayFixture.StartAsync(folder))
        {
            token = await first.TokenAsync();
            id = (await first.CreateInstanceAsync(token)).Id;
            await first.SendAsync(HttpMethod.Post, $"/instances/{id}/events", """[{"type":"Message","data":{}},{"type":"Connected","data":{}}]""", token);
        }

        await using var second = await GatewayFixture.StartAsync(folder, new() { ["CLIENT_TOKEN"] = "", ["CLIENT_SECRET"] = "" });
        var (status, answer) = await second.SendAsync(HttpMethod.Post, "/instances/get", new { id }, token);
        Assert.Equal(200, status);
        Assert.True(answer.GetProperty("connected").GetBoolean());
        Assert.Equal(2, second.Get<InstanceDirectory>().All.Single().ConnectedAsOf);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(DataFolder.OwnerOnlyFile, File.GetUnixFileMode(Path.Combine(folder, "jwt.key")));
    }

    [Fact]
    public async Task A_known_token_with_another_secret_is_a_rotation_and_voids_access_tokens()
    {
        var folder = GatewayFixture.NewFolder();
        string old;
        await using (var first = await GatewayFixture.StartAsync(folder))
            old = await first.TokenAsync();
        await using var second = await GatewayFixture.StartAsync(folder, new() { ["CLIENT_SECRET"] = "vzs_AnotherSecret0123456789" });
        Assert.Equal(401, (await second.SendAsync(HttpMethod.Post, "/instances/list", new { }, old)).Status);
        Assert.NotEmpty(await second.TokenAsync(clientSecret: "vzs_AnotherSecret0123456789"));
    }

    [Fact]
    public async Task One_half_of_a_pair_stops_the_start() => await Assert.ThrowsAsync<InvalidConfigurationException>(
        () => GatewayFixture.StartAsync(settings: new() { ["CLIENT_SECRET"] = "" }));

    [Fact]
    public async Task A_first_start_without_a_pair_makes_an_account_that_works()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new() { ["CLIENT_TOKEN"] = "", ["CLIENT_SECRET"] = "" });
        var file = Path.Combine(gateway.DataPath, Bootstrap.FileName);
        var made = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync(file));
        Assert.NotEmpty(await gateway.TokenAsync(made.GetProperty("client_token").GetString()!, made.GetProperty("client_secret").GetString()!));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(DataFolder.OwnerOnlyFile, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_second_start_on_the_folder_says_who_holds_it()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var refusal = await Assert.ThrowsAsync<DataFolderInUseException>(() => GatewayFixture.StartAsync(gateway.DataPath));
        Assert.Contains($"process {Environment.ProcessId} on ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_works_on_a_running_gateway()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var listener = new Listener();
        gateway.Get<Revocations>().Add(listener);
        var old = await gateway.TokenAsync();
        var (id, _) = await gateway.CreateInstanceAsync(old);
        Assert.Equal(0, await RunAsync(gateway, "rotate", "--client-token", GatewayFixture.ClientToken));
        Assert.True(await Eventually.HoldsAsync(async () => (await gateway.SendAsync(HttpMethod.Post, "/instances/list", new { }, old)).Status == 401));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(listener.Seen.Any(seen => seen.Kind == RevocationKind.AccountSecretRotated))));

        Assert.Equal(1, await RunAsync(gateway, "remove", "--client-token", GatewayFixture.ClientToken));
        Assert.Equal(0, await RunAsync(gateway, "remove", "--client-token", GatewayFixture.ClientToken, "--force"));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(!gateway.Get<InstanceDirectory>().TryGet(InstanceId.Parse(id), out _))));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(listener.Seen.Any(seen => seen.Kind == RevocationKind.AccountRemoved))));

        Assert.Equal(0, await RunAsync(gateway, "add", "--name", "Second"));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(gateway.Get<AccountDirectory>().Count == 1)));
    }

    private static Task<int> RunAsync(GatewayFixture gateway, params string[] arguments) =>
        CommandLine.RunAsync(["accounts", .. arguments, "--data-path", gateway.DataPath]);

    private sealed class Listener : IRevocationListener
    {
        public System.Collections.Concurrent.ConcurrentBag<Revocation> Seen { get; } = [];

        public void OnRevoked(Revocation revocation) => Seen.Add(revocation);
    }
}
