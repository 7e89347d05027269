using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VZaps.Gateway.Tests.Outbound;

/// <summary>Answers each connection's first request with one answer, and notes at which address it was reached.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _answering;
    private readonly string _answer;
    private int _connections;

    public WebServer(string address = "127.0.0.1", int port = 0, string answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    {
        _answer = answer;
        _listener = new TcpListener(IPAddress.Parse(address), port);
        _listener.Start();
        _answering = AnswerAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The requests, each as its head.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Connections that were made and those that wait to be taken, whether or not anything was sent on them.</summary>
    public bool WasReached => !Requests.IsEmpty || _connections > 0 || _listener.Pending();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _ended.Dispose();
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            using var connection = await _listener.AcceptTcpClientAsync(_ended.Token);
            Interlocked.Increment(ref _connections);
            var stream = connection.GetStream();
            var head = new StringBuilder();
            var buffer = new byte[4_096];
            while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(buffer, _ended.Token);
                if (read == 0)
                    break;
                head.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }

            Requests.Enqueue(head.ToString());
            await stream.WriteAsync(Encoding.ASCII.GetBytes(_answer), _ended.Token);
        }
    }
}
