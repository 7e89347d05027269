using System.Net;
using VZaps.Gateway.Http;
using VZaps.Gateway.Outbound;
using Xunit;

namespace VZaps.Gateway.Tests.Outbound;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("0.1.2.3", "unspecified")]
    [InlineData("10.0.0.1", "private")]
    [InlineData("10.255.255.255", "private")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.168.0.1", "private")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.255.255.254", "loopback")]
    [InlineData("169.254.1.1", "link-local")]
    [InlineData("169.254.169.254", "metadata")]
    [InlineData("168.63.129.16", "metadata")]
    [InlineData("100.64.0.1", "CGNAT")]
    [InlineData("100.127.255.255", "CGNAT")]
    [InlineData("100.100.100.200", "CGNAT")]
    [InlineData("192.0.0.192", "reserved")]
    [InlineData("192.0.2.1", "documentation")]
    [InlineData("198.51.100.7", "documentation")]
    [InlineData("203.0.113.9", "documentation")]
    [InlineData("192.88.99.1", "6to4")]
    [InlineData("198.18.0.1", "benchmarking")]
    [InlineData("198.19.255.255", "benchmarking")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("239.255.255.250", "multicast")]
    [InlineData("240.0.0.1", "reserved")]
    [InlineData("255.255.255.255", "broadcast")]
    [InlineData("::", "unspecified")]
    [InlineData("::1", "loopback")]
    [InlineData("::127.0.0.1", "IPv4-compatible")]
    [InlineData("::8.8.8.8", "IPv4-compatible")]
    [InlineData("::ffff:10.0.0.1", "private")]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("::ffff:169.254.169.254", "metadata")]
    [InlineData("::ffff:0:127.0.0.1", "not of the public internet")]
    [InlineData("64:ff9b::10.0.0.1", "private")]
    [InlineData("64:ff9b::169.254.169.254", "metadata")]
    [InlineData("64:ff9b:1::1", "NAT64")]
    [InlineData("2002:0a00:0001::1", "6to4")]
    [InlineData("2002:0808:0808::1", "6to4")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo")]
    [InlineData("2001:db8::1", "documentation")]
    [InlineData("3fff::1", "documentation")]
    [InlineData("2001:10::1", "reserved")]
    [InlineData("100::1", "discards")]
    [InlineData("fc00::1", "unique local")]
    [InlineData("fd00:ec2::254", "unique local")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("fe80::1%2", "zone")]
    [InlineData("2606:4700::1111%2", "zone")]
    [InlineData("fec0::1", "site-local")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("5f00::1", "not of the public internet")]
    [InlineData("4000::1", "not of the public internet")]
    public void What_is_not_public_is_refused_and_named(string address, string named) =>
        Assert.Contains(named, Guard().Check(IPAddress.Parse(address)) ?? "allowed", StringComparison.Ordinal);

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    public void What_is_public_is_allowed_up_to_the_edge_of_what_is_not(string address) => Assert.Null(Guard().Check(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.1.2.3", "10.1.0.0/16")]
    [InlineData("::ffff:10.1.2.3", "10.1.0.0/16")]
    [InlineData("64:ff9b::10.1.2.3", "10.1.0.0/16")]
    [InlineData("64:ff9b::10.1.2.3", "64:ff9b::/96")]
    [InlineData("fd12::1", "fd12::/16")]
    [InlineData("127.0.0.1", "127.0.0.1/32")]
    public void A_network_that_the_operator_allowed_may_be_called(string address, string network) => Assert.Null(Guard(network).Check(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.2.0.1", "10.1.0.0/16")]
    [InlineData("127.0.0.2", "127.0.0.1/32")]
    [InlineData("0.0.0.0", "127.0.0.0/8")]
    [InlineData("::1", "127.0.0.0/8")]
    [InlineData("169.254.169.254", "10.0.0.0/8")]
    [InlineData("64:ff9b::10.2.0.1", "10.1.0.0/16")]
    public void A_network_that_the_operator_allowed_opens_no_other(string address, string network) =>
        Assert.NotNull(Guard(network).Check(IPAddress.Parse(address)));

    [Theory]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("::1/128", true)]
    [InlineData("10.0.0.0", false)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("internal", false)]
    public void A_list_that_holds_what_is_no_network_is_a_mistake_that_names_its_place(string network, bool isRight)
    {
        var result = AllowedNetworks.Require(new OptionMistakes(), "Webhooks:AllowedNetworks", ["127.0.0.0/8", network]).ToResult();
        Assert.Equal(isRight, result.Succeeded);
        if (!isRight)
            Assert.Contains($"Webhooks:AllowedNetworks:1 is '{network}'", result.FailureMessage, StringComparison.Ordinal);
    }

    private static AddressGuard Guard(params string[] allowed) => new(new AllowedNetworks(allowed));
}
