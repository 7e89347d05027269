using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Tests.Outbound;

internal static class Guards
{
    public static CheckedHosts Hosts(IHostResolver resolver, params string[] allowed) =>
        new(resolver, new AddressGuard(new AllowedNetworks(allowed)), NullLogger<CheckedHosts>.Instance);

    public static HttpClient Client(DnsServer dns, params string[] allowed) =>
        new(GuardedHandler.Create(new GuardedConnect(Hosts(new DnsResolver(dns.Address), allowed))));
}
