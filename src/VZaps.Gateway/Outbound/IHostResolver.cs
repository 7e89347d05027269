using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>Finds the addresses of a name.</summary>
internal interface IHostResolver
{
    /// <param name="host">A name, never an address.</param>
    /// <param name="cancellationToken">Ends the wait; the question may go on until the system gives up.</param>
    /// <exception cref="SocketException">There is no such name, or nobody answered.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}
