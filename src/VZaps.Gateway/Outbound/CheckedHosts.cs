using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>Looks a host up and lets through only what may be called.</summary>
internal sealed partial class CheckedHosts(IHostResolver resolver, AddressGuard guard, ILogger<CheckedHosts> logger)
{
    /// <summary>The addresses of a host, all of them checked; at least one.</summary>
    /// <param name="host">A name or an address, as a URL has it but without brackets.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OutboundRefusedException">One of its addresses may not be called. One is enough: who mixes them hopes that the wrong one is taken.</exception>
    /// <exception cref="SocketException">It has no address, or the name servers did not answer.</exception>
    public async Task<IReadOnlyList<IPAddress>> FindAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return guard.Check(literal) is { } forbidden
                ? throw new OutboundRefusedException($"{host} is {forbidden}, which this gateway does not call.")
                : [AddressGuard.Plain(literal)];
        }

        if (IsLocalhost(host))
            return Loopback(host);

        var found = await resolver.ResolveAsync(host, cancellationToken);
        foreach (var address in found)
        {
            if (guard.Check(address) is not { } forbidden)
                continue;
            LogRefused(host, address, forbidden);
            throw new OutboundRefusedException($"{host} resolves to an address that is {forbidden}, which this gateway does not call.");
        }

        return found.Count > 0 ? [.. found.Select(AddressGuard.Plain)] : throw new SocketException((int)SocketError.NoData);
    }

    /// <summary>Both of its addresses where the operator allowed them, else the one that is: no name server is asked for what is no name of the internet.</summary>
    private IPAddress[] Loopback(string host)
    {
        IPAddress[] open = [.. new[] { IPAddress.Loopback, IPAddress.IPv6Loopback }.Where(address => guard.Check(address) is null)];
        return open.Length > 0 ? open : throw new OutboundRefusedException($"{host} is loopback, which this gateway does not call.");
    }

    private static bool IsLocalhost(string host) =>
        host.TrimEnd('.') is var name
        && (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));

    // For the operator, who needs the address to know why; a customer is not told it.
    [LoggerMessage(1311, LogLevel.Debug, "{Host} is not called: {Address} is {What}. Webhooks:AllowedNetworks and Media:AllowedNetworks open networks.")]
    private partial void LogRefused(string host, IPAddress address, string what);
}
