using System.Net;
using System.Net.Sockets;

namespace VZaps.Cli.Soak;

/// <summary>
/// A port for a server that goes away and comes back. The system hands out those from 32768 up to whoever connects: while the
/// server is down, one of its own clients could get its port, or even be connected with itself.
/// </summary>
internal static class LoopbackPort
{
    private const int Lowest = 20_000, Highest = 32_000, Tries = 100;

    /// <exception cref="IOException">None is free.</exception>
    public static int Take()
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new IOException($"No free port was found between {Lowest} and {Highest}.");
    }
}
