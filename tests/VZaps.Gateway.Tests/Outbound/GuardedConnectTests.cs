using System.Net;
using System.Net.Sockets;
using VZaps.Gateway.Outbound;
using Xunit;

namespace VZaps.Gateway.Tests.Outbound;

/// <summary>A real client over the guarded handler, with names of a name server of the test's own.</summary>
public sealed class GuardedConnectTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_that_was_public_when_it_was_set_and_is_private_at_the_connect_is_refused_there()
    {
        await using var dns = new DnsServer();
        await using var inside = new WebServer();
        using var client = Guards.Client(dns);
        var url = $"http://rebinding.test:{inside.Port}/hook";
        dns.Set("rebinding.test", "93.184.215.14");
        await new OutboundUrl(Guards.Hosts(new DnsResolver(dns.Address))).CheckAsync(url, Ended);

        dns.Set("rebinding.test", "127.0.0.1");
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(url, content: null, Ended));

        Assert.Contains("loopback", OutboundRefusedException.In(failure)!.Message, StringComparison.Ordinal);
        Assert.False(inside.WasReached);
    }

    [Fact]
    public async Task What_is_connected_to_is_the_address_that_was_checked_and_not_what_a_second_lookup_gives()
    {
        await using var dns = new DnsServer();
        await using var meant = new WebServer("127.0.0.2");
        await using var other = new WebServer("127.0.0.3", meant.Port);
        using var client = Guards.Client(dns, "127.0.0.2/32");
        dns.SetChanging("changing.test", first: "127.0.0.2", then: "127.0.0.3");

        using var answer = await client.PostAsync($"http://changing.test:{meant.Port}/hook", content: null, Ended);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(2, dns.Questions);
        Assert.Contains($"Host: changing.test:{meant.Port}", Assert.Single(meant.Requests), StringComparison.Ordinal);
        Assert.False(other.WasReached);
    }

    [Fact]
    public async Task Each_connection_is_checked_anew()
    {
        await using var dns = new DnsServer();
        await using var meant = new WebServer("127.0.0.2");
        await using var other = new WebServer("127.0.0.3", meant.Port);
        using var client = Guards.Client(dns, "127.0.0.2/32");
        dns.SetChanging("changing.test", first: "127.0.0.2", then: "127.0.0.3");
        // The server closes after each answer, so the next request needs a connection of its own.
        (await client.PostAsync($"http://changing.test:{meant.Port}/hook", content: null, Ended)).Dispose();

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync($"http://changing.test:{meant.Port}/hook", content: null, Ended));

        Assert.NotNull(OutboundRefusedException.In(failure));
        Assert.False(other.WasReached);
    }

    [Theory]
    [InlineData("93.184.215.14", "127.0.0.1")]
    [InlineData("127.0.0.2", "10.0.0.1")]
    [InlineData("127.0.0.2", "fd00::1")]
    public async Task One_forbidden_address_among_others_refuses_the_name(string allowed, string forbidden)
    {
        await using var dns = new DnsServer();
        await using var inside = new WebServer("127.0.0.2");
        using var client = Guards.Client(dns, "127.0.0.2/32");
        dns.Set("mixed.test", allowed, forbidden);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://mixed.test:{inside.Port}/", Ended));
        Assert.NotNull(OutboundRefusedException.In(failure));
        Assert.False(inside.WasReached);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("0.0.0.0")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("127.0.0.1.")]
    public async Task A_connect_relies_on_no_earlier_check_of_the_url(string host)
    {
        await using var dns = new DnsServer();
        await using var inside = new WebServer();
        dns.Set("127.0.0.1.", "127.0.0.1");
        using var client = Guards.Client(dns);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://{host}:{inside.Port}/", Ended));
        Assert.False(inside.WasReached);
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        await using var dns = new DnsServer();
        await using var target = new WebServer("127.0.0.2");
        await using var redirecting = new WebServer("127.0.0.2",
            answer: $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:{target.Port}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using var client = Guards.Client(dns, "127.0.0.2/32");
        using var answer = await client.GetAsync($"http://127.0.0.2:{redirecting.Port}/", Ended);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.False(target.WasReached);
    }

    [Fact]
    public async Task A_cookie_that_an_answer_sets_is_not_kept()
    {
        await using var dns = new DnsServer();
        await using var server = new WebServer("127.0.0.2", answer: "HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\nConnection: close\r\n\r\n");
        using var client = Guards.Client(dns, "127.0.0.2/32");
        for (var request = 0; request < 2; request++)
            (await client.GetAsync($"http://127.0.0.2:{server.Port}/", Ended)).Dispose();
        Assert.Equal(2, server.Requests.Count);
        Assert.DoesNotContain(server.Requests, head => head.Contains("Cookie", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_version_that_would_connect_around_the_guard_is_not_asked_for()
    {
        await using var dns = new DnsServer();
        await using var server = new WebServer("127.0.0.2");
        using var client = Guards.Client(dns, "127.0.0.2/32");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.2:{server.Port}/")
        {
            Version = HttpVersion.Version30,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await client.SendAsync(request, Ended);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task The_next_address_is_tried_where_one_refuses_the_connection()
    {
        await using var dns = new DnsServer();
        await using var server = new WebServer("127.0.0.3");
        using var client = Guards.Client(dns, "127.0.0.0/8");
        dns.Set("two.test", "127.0.0.2", "127.0.0.3");
        using var answer = await client.GetAsync($"http://two.test:{server.Port}/", Ended);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task A_host_that_none_takes_connections_for_fails_as_what_it_is()
    {
        await using var dns = new DnsServer();
        using var client = Guards.Client(dns, "127.0.0.0/8");
        dns.Set("nobody.test", "127.0.0.2", "127.0.0.3");
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => client.GetAsync($"http://nobody.test:{((IPEndPoint)reserved.LocalEndPoint!).Port}/", Ended));
        Assert.Null(OutboundRefusedException.In(failure));
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
    }
}
