using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>Networks that are not the public internet, each with what it is, as a refusal names it.</summary>
/// <remarks>From IANA's registries of special-purpose addresses; what those call globally reachable is left out.</remarks>
internal static class SpecialNetworks
{
    // The first that contains the address gives the reason, so a single address stands before its network.
    private static readonly (IPNetwork Network, string What)[] OfIPv4 =
    [
        Row("0.0.0.0/8", "the unspecified network, which is this host"),
        Row("10.0.0.0/8", "a private network"),
        Row("100.64.0.0/10", "a carrier's shared network (CGNAT)"),
        Row("127.0.0.0/8", "loopback"),
        Row("168.63.129.16/32", "a cloud's metadata service"),
        Row("169.254.169.254/32", "a cloud's metadata service"),
        Row("169.254.0.0/16", "link-local"),
        Row("172.16.0.0/12", "a private network"),
        Row("192.0.0.0/24", "reserved for protocols"),
        Row("192.0.2.0/24", "a documentation network"),
        Row("192.88.99.0/24", "a 6to4 relay"),
        Row("192.168.0.0/16", "a private network"),
        Row("198.18.0.0/15", "a benchmarking network"),
        Row("198.51.100.0/24", "a documentation network"),
        Row("203.0.113.0/24", "a documentation network"),
        Row("224.0.0.0/4", "multicast"),
        Row("255.255.255.255/32", "broadcast"),
        Row("240.0.0.0/4", "a reserved network"),
    ];

    private static readonly (IPNetwork Network, string What)[] OfIPv6 =
    [
        Row("::/128", "the unspecified address, which is this host"),
        Row("::1/128", "loopback"),
        Row("::/96", "an IPv4-compatible address, which nothing on the internet has"),
        Row("64:ff9b:1::/48", "a local NAT64 network"),
        Row("100::/64", "a network that discards"),
        Row("2001::/32", "a Teredo tunnel"),
        Row("2001:db8::/32", "a documentation network"),
        Row("2001::/23", "reserved for protocols"),
        Row("2002::/16", "a 6to4 tunnel"),
        Row("3fff::/20", "a documentation network"),
        Row("fc00::/7", "a unique local network"),
        Row("fe80::/10", "link-local"),
        Row("fec0::/10", "a site-local network"),
        Row("ff00::/8", "multicast"),
    ];

    // All that is given out so far; what is outside, and in no row above, is nobody's.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>What the address is, or null for one of the public internet.</summary>
    public static string? WhatIs(IPAddress address)
    {
        foreach (var (network, what) in address.AddressFamily == AddressFamily.InterNetwork ? OfIPv4 : OfIPv6)
        {
            if (network.Contains(address))
                return what;
        }

        return address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address) ? null : "not of the public internet";
    }

    private static (IPNetwork Network, string What) Row(string network, string what) => (IPNetwork.Parse(network), what);
}
