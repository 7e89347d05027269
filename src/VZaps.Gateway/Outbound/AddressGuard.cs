using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>Decides which addresses a URL that a customer gave may lead to.</summary>
/// <remarks>An address that carries another one is judged by what it leads to: <c>::ffff:10.0.0.1</c> is <c>10.0.0.1</c> to every system, and
/// <c>64:ff9b::10.0.0.1</c> becomes it at a NAT64. Tunnels whose relays are gone (6to4, Teredo) are refused whatever they carry.</remarks>
internal sealed class AddressGuard(AllowedNetworks allowed)
{
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>What forbids the address, such as <c>a private network</c>; null where it may be called.</summary>
    public string? Check(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            return "an address with a zone, which is local to this host";
        var target = Plain(address);
        if (allowed.Contain(target))
            return null;
        if (!Nat64.Contains(target))
            return SpecialNetworks.WhatIs(target);
        var behind = BehindNat64(target);
        return allowed.Contain(behind) ? null : SpecialNetworks.WhatIs(behind);
    }

    /// <summary>The address in the form in which it is judged and connected to: an IPv4-mapped one as the IPv4 address that it is.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IPAddress BehindNat64(IPAddress address) => new(address.GetAddressBytes().AsSpan(12));
}
