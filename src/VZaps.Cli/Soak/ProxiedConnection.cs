using System.Net;
using System.Net.Sockets;

namespace VZaps.Cli.Soak;

/// <summary>One connection through the proxy: bytes both ways until its time is over, then a few more, then a reset of both ends.</summary>
/// <param name="client">The accepted socket; it is owned.</param>
/// <param name="life">How long everything passes.</param>
/// <param name="lastBytes">How many bytes pass after that: the cut is where they end, not where a frame does.</param>
/// <param name="mayCut">Asked when the time is over.</param>
internal sealed class ProxiedConnection(Socket client, TimeSpan life, int lastBytes, Func<bool> mayCut)
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>A connection on which nothing happens is cut all the same.</summary>
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMilliseconds(250);

    private long _allowance = long.MaxValue;

    /// <summary>Runs it to its end; whether it was cut by this, not by one of the two.</summary>
    public async Task<bool> RunAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(target, ending.Token);
                var pumps = Task.WhenAny(PumpAsync(client, server, ending.Token), PumpAsync(server, client, ending.Token));
                var isCut = await CutAsync(pumps, ending.Token);
                if (isCut)
                {
                    Reset(client);
                    Reset(server);
                }

                await ending.CancelAsync();
                return isCut;
            }
            catch (Exception end) when (end is SocketException or OperationCanceledException)
            {
                // The gateway is down, or the proxy is closed.
                return false;
            }
        }
    }

    private async Task<bool> CutAsync(Task pumps, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(pumps, Task.Delay(life, cancellationToken)) == pumps)
            return false;
        if (!mayCut())
        {
            await pumps;
            return false;
        }

        Interlocked.Exchange(ref _allowance, lastBytes);
        await Task.WhenAny(pumps, Task.Delay(QuietLimit, cancellationToken));
        return !cancellationToken.IsCancellationRequested;
    }

    /// <summary>Passes bytes on; never throws, and ends with either side or when no more bytes are allowed.</summary>
    private async Task PumpAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, cancellationToken);
                var left = Interlocked.Add(ref _allowance, -count);
                var passed = (int)Math.Clamp(left + count, 0, count);
                for (var sent = 0; sent < passed;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, passed - sent), cancellationToken);
                if (count == 0 || passed < count)
                    return;
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side is told by the reset.
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It never was connected, or is gone already.
        }

        socket.Dispose();
    }
}
