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
    [InlineData("code", "env", "ws://x/consumers/path", "code")]
    [InlineData(null, "env", "ws://x/consumers/path", "env")]
    [InlineData(null, " ", "ws://x/consumers/path", "path")]
    [InlineData(null, null, "ws://x/base", "default")]
    [InlineData(null, null, null, "default")]
    public void The_consumer_of_who_names_none_is_that_of_the_code_else_of_the_environment_else_of_the_address(string? code, string? variable, string? address, string consumer)
    {
        var options = new VZapsClientOptions { Consumer = code, RealtimeUrl = address is null ? null : new Uri(address) };
        Assert.Equal(consumer, ClientSettings.ConsumerOf(options, name => name == "VZAPS_CONSUMER" ? variable : null));
    }

    [Fact]
    public void A_consumer_in_the_path_of_the_base_address_counts_as_the_realtime_address_follows_it()
    {
        Assert.Equal("orders", ClientSettings.ConsumerOf(new VZapsClientOptions { BaseUrl = new Uri("https://x/consumers/orders/") }, _ => null));
        Assert.Equal("orders", ClientSettings.ConsumerOf(new VZapsClientOptions(), name => name == "VZAPS_BASE_URL" ? "https://x/consumers/orders" : null));
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
