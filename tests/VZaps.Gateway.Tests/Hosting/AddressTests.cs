using Microsoft.Extensions.Configuration;
using VZaps.Gateway.Hosting;
using Xunit;

namespace VZaps.Gateway.Tests.Hosting;

/// <summary>Where the gateway listens, as the framework takes it from the configuration: addresses win over ports.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("", "http://localhost:8080")]
    [InlineData("HTTP_PORTS=8080", null)]
    [InlineData("HTTPS_PORTS=8443", null)]
    [InlineData("HTTP_PORTS=", "http://localhost:8080")]
    [InlineData("URLS=http://*:9000", "http://*:9000")]
    [InlineData("URLS=http://*:9000 HTTP_PORTS=8080", "http://*:9000")]
    public void The_gateways_own_address_is_for_where_neither_addresses_nor_ports_are_given(string environment, string? urls)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).ToDictionary(one => one[0], one => (string?)one[1]));

        GatewayConfiguration.Use(configuration, []);

        Assert.Equal(urls, configuration["urls"]);
    }

    [Fact]
    public void An_address_on_the_command_line_wins_over_ports_in_the_environment()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("HTTP_PORTS", "8080")]);

        GatewayConfiguration.Use(configuration, ["--urls", "http://127.0.0.1:9000"]);

        Assert.Equal("http://127.0.0.1:9000", configuration["urls"]);
    }
}
