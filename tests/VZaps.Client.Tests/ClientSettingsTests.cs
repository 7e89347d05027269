using VZaps.Client.Configuration;

namespace VZaps.Client.Tests;

public sealed class ClientSettingsTests
{
    [Fact]
    public void Every_mistake_is_named_at_once_and_no_secret_is_shown()
    {
        var options = new VZapsClientOptions
        {
            ClientSecret = "with a space",
            BaseUrl = new Uri("ftp://x"),
            Consumer = "Bad Name",
            MaxQueuedEvents = 0,
            KeepAliveTimeout = TimeSpan.FromHours(1),
            FailedEventDelay = TimeSpan.FromMinutes(6),
            MaxHandlerTime = TimeSpan.FromHours(2),
        };
        var error = Assert.Throws<ArgumentException>(() => new VZapsClient(options));
        foreach (var name in new[] { "ClientToken", "ClientSecret", "BaseUrl", "Consumer", "MaxQueuedEvents", "KeepAliveTimeout", "FailedEventDelay", "MaxHandlerTime" })
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("with a space", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_come_from_the_options_else_the_environment_else_the_default()
    {
        Assert.Equal("http://localhost:8080", Read(null, null).Api.ToString());
        Assert.Equal("ws://localhost:8080/events/ws", Read(null, null).Realtime.Of("/events/ws").ToString());
        Assert.Equal("https://env.example/base", Read(null, "https://env.example/base/").Api.ToString());
        Assert.Equal("wss://env.example/base", Read(null, "https://env.example/base/").Realtime.ToString());
        Assert.Equal("http://code.example", Read(new Uri("http://code.example"), "https://env.example").Api.ToString());
    }

    [Fact]
    public void The_consumer_of_the_code_wins_over_that_of_the_environment()
    {
        Assert.Equal("env", ClientSettings.From(Valid(), name => name == "VZAPS_CONSUMER" ? "env" : null).Consumer);
        var options = Valid();
        options.Consumer = "code";
        Assert.Equal("code", ClientSettings.From(options, _ => "env.example").Consumer);
    }

    [Theory]
    [InlineData("http://user:pass@x")]
    [InlineData("http://x?token=1")]
    public void An_address_with_a_user_or_a_query_is_refused(string address) =>
        Assert.Throws<ArgumentException>(() => Read(new Uri(address), null));

    [Fact]
    public async Task A_wrong_subscribe_request_is_refused_before_anything_is_sent()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var error = await Assert.ThrowsAsync<ArgumentException>(() => client.Events.SubscribeAsync(new EventSubscribeRequest
        {
            InstanceToken = "a secret",
            Events = [default],
            MaxRetries = -1,
            RetryDelay = TimeSpan.Zero,
            Consumer = "",
        }));
        foreach (var name in new[] { "InstanceId", "InstanceToken", "Events", "MaxRetries", "RetryDelay", "Consumer" })
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Handshakes);
    }

    private static VZapsClientOptions Valid() => new() { ClientToken = "t", ClientSecret = "s", BaseUrl = new Uri("http://x") };

    private static ClientSettings Read(Uri? code, string? environment)
    {
        var options = Valid();
        options.BaseUrl = code;
        return ClientSettings.From(options, name => name == "VZAPS_BASE_URL" ? environment : null);
    }
}
