using System.Net;
using System.Text;

namespace VZaps.LoadTest.Wire;

/// <summary>A connection to a NATS server that has been greeted, and requests over it while nothing else comes.</summary>
internal static class NatsSession
{
    public static async Task<RawConnection> OpenAsync(IPEndPoint endpoint)
    {
        var connection = await RawConnection.OpenAsync(endpoint);
        await connection.SendAsync(Encoding.ASCII.GetBytes("CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"load-test\",\"version\":\"1\",\"protocol\":1}\r\nPING\r\n"));
        await FindAsync(connection, NatsKind.Pong);
        return connection;
    }

    /// <summary>Subscribes; the server knows of it when this completes.</summary>
    public static async Task SubscribeAsync(RawConnection connection, string subject)
    {
        await connection.SendAsync(Encoding.ASCII.GetBytes($"SUB {subject} 1\r\nPING\r\n"));
        await FindAsync(connection, NatsKind.Pong);
    }

    /// <summary>Asks JetStream for something over a connection of its own.</summary>
    /// <exception cref="InvalidOperationException">It refused.</exception>
    public static async Task RequestAsync(IPEndPoint endpoint, string subject, string json)
    {
        using var connection = await OpenAsync(endpoint);
        var inbox = NewInbox();
        await SubscribeAsync(connection, inbox);
        await connection.SendAsync(Encoding.UTF8.GetBytes($"PUB {subject} {inbox} {Encoding.UTF8.GetByteCount(json)}\r\n{json}\r\n"));
        var answer = await FindAsync(connection, NatsKind.Message);
        if (answer.Contains("\"error\"", StringComparison.Ordinal))
            throw new InvalidOperationException($"nats-server refused {subject}: {answer}");
    }

    public static string NewInbox() => $"_INBOX.{Guid.NewGuid():N}";

    /// <summary>Passes over what comes up to something of that kind; returns its payload.</summary>
    private static async Task<string> FindAsync(RawConnection connection, NatsKind kind)
    {
        while (true)
        {
            while (TryTake(connection, out var taken, out var payload))
            {
                if (taken == kind)
                    return payload;
            }

            await connection.ReceiveAsync();
        }
    }

    private static bool TryTake(RawConnection connection, out NatsKind kind, out string payload)
    {
        (kind, payload) = (default, "");
        if (!NatsMessage.TryRead(connection.Received, out var message))
            return false;
        (kind, payload) = (message.Kind, Encoding.UTF8.GetString(message.Payload));
        connection.Taken(message.Bytes);
        return true;
    }
}
