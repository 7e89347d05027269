using System.Net.WebSockets;
using System.Threading.Channels;
using VZaps.Client.Testing.Delivery;

namespace VZaps.Client.Testing.Wire;

/// <summary>The gateway's end of one connection: one loop that sends what is queued, one that reads.</summary>
internal sealed class FakeConnection
{
    private readonly DuplexStream _line;
    private readonly WebSocket _socket;
    private readonly Channel<Func<Task>> _sends = Channel.CreateUnbounded<Func<Task>>(new UnboundedChannelOptions { SingleReader = true });

    public FakeConnection(DuplexStream line, Handshake handshake, FakeGatewayOptions options)
    {
        _line = line;
        (ConsumerName, Types, Start, IsExtended) = (handshake.Consumer, handshake.Types, handshake.Start, handshake.IsExtended);
        Outbox = new Outbox(options);
        _socket = WebSocket.CreateFromStream(line, new WebSocketCreationOptions
        {
            IsServer = true,
            SubProtocol = IsExtended ? ExtensionProtocol.Name : null,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
    }

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public string ConsumerName { get; }

    public IReadOnlySet<EventType> Types { get; }

    /// <summary>Where a cursor made it start; null without one.</summary>
    public int? Start { get; }

    public bool IsExtended { get; }

    public bool IsEphemeral => ConsumerName == Protocol.ConsumerName.Ephemeral;

    // What follows belongs to the pump, under its lock.
    public FakeConsumer? Consumer { get; set; }

    public Outbox Outbox { get; }

    /// <summary>The place in the log of what it is sent next.</summary>
    public int Next { get; set; }

    /// <summary>Sends a text after what was queued before. Nothing happens on a connection that is gone.</summary>
    public void Enqueue(byte[] text) => _sends.Writer.TryWrite(() => _socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None));

    /// <summary>Sends the close frame after what was queued before.</summary>
    public void Close(int code, string reason) => _sends.Writer.TryWrite(() => _socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None));

    /// <summary>Ends it without a word.</summary>
    public void Cut() => _line.Break();

    /// <summary>Runs until either end is gone.</summary>
    public async Task RunAsync(EventPump pump)
    {
        var sending = SendAsync();
        try
        {
            await ReceiveAsync(pump).ConfigureAwait(false);
        }
        finally
        {
            pump.Detach(this);
            _sends.Writer.TryComplete();
            await sending.ConfigureAwait(false);
            _socket.Dispose();
            _line.Dispose();
        }
    }

    private async Task SendAsync()
    {
        await foreach (var send in _sends.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await send().ConfigureAwait(false);
            }
            catch (Exception gone) when (gone is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The reading loop sees it too, and ends.
            }
        }
    }

    private async Task ReceiveAsync(EventPump pump)
    {
        var buffer = new byte[ExtensionProtocol.MaxClientMessageBytes];
        var length = 0;
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                length += part.Count;
                if (!part.EndOfMessage)
                    continue;
                pump.Take(this, buffer.AsMemory(0, length));
                length = 0;
            }

            Close((int)CloseCode.Normal, "");
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, by the test or by the client.
        }
    }
}
