using System.Buffers.Text;
using System.Net;
using System.Text;
using VZaps.LoadTest.Events;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Wire;

/// <summary>Publishes over one kept connection: a head that was made before, lines with their numbers filled in, and as much of the answer as must be read.</summary>
internal sealed class HttpPublisher : IPublisher
{
    private readonly RawConnection _connection;
    private readonly IReadOnlyList<PublishHead> _heads;
    private byte[] _request = new byte[4 << 10];

    private HttpPublisher(RawConnection connection, IReadOnlyList<PublishHead> heads) => (_connection, _heads) = (connection, heads);

    public static async Task<IPublisher> OpenAsync(IPEndPoint endpoint, IReadOnlyList<PublishHead> heads) =>
        new HttpPublisher(await RawConnection.OpenAsync(endpoint), heads);

    public async ValueTask PublishAsync(int instance, int first, int count)
    {
        var length = Write(instance, first, count);
        await _connection.SendAsync(_request.AsMemory(0, length));
        do
            await _connection.ReceiveAsync();
        while (!TryTakeAnswer());
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return default;
    }

    private int Write(int instance, int first, int count)
    {
        var head = (count == 1 ? _heads[instance].Single : _heads[instance].Lines).AsSpan();
        var body = count == 1 ? MessageLines.LineBytes : (MessageLines.LineBytes + 1) * count;
        const int longestLength = 12;
        if (_request.Length < head.Length + longestLength + body)
            _request = new byte[head.Length + longestLength + body];
        var request = _request.AsSpan();
        head.CopyTo(request);
        Utf8Formatter.TryFormat(body, request[head.Length..], out var digits);
        var length = head.Length + digits;
        "\r\n\r\n"u8.CopyTo(request[length..]);
        length += 4;
        for (var number = first; number < first + count; number++)
        {
            MessageLines.Write(number, request.Slice(length, MessageLines.LineBytes));
            length += MessageLines.LineBytes;
            if (count > 1)
                request[length++] = (byte)'\n';
        }

        return length;
    }

    private bool TryTakeAnswer()
    {
        var answer = _connection.Received;
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        if (!IsWhole(answer[..head], answer[(head + 4)..]))
            return false;
        if (!answer.StartsWith("HTTP/1.1 202"u8))
            throw new HttpRequestException($"A publish was refused: {Encoding.UTF8.GetString(answer)}");
        _connection.Taken(answer.Length);
        return true;
    }

    /// <summary>Whether the answer is all there. One request is out at a time, so all that comes is its answer.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        var length = head.IndexOf("Content-Length: "u8);
        if (length < 0)
            return body.EndsWith("0\r\n\r\n"u8); // chunked; the JSON has no line ends
        return Utf8Parser.TryParse(head[(length + 16)..], out int bytes, out _) && body.Length >= bytes;
    }
}

/// <summary>The heads of publish requests to one instance, up to the digits of <c>Content-Length</c>.</summary>
/// <param name="Single">For one event.</param>
/// <param name="Lines">For NDJSON.</param>
internal sealed record PublishHead(byte[] Single, byte[] Lines)
{
    public static PublishHead For(IPEndPoint endpoint, string instanceId, string credentials) =>
        new(Head(endpoint, instanceId, credentials, "application/json"), Head(endpoint, instanceId, credentials, "application/x-ndjson"));

    private static byte[] Head(IPEndPoint endpoint, string instanceId, string credentials, string contentType) => Encoding.ASCII.GetBytes(
        $"POST /instances/{instanceId}/events HTTP/1.1\r\nHost: {endpoint}\r\n{credentials}Content-Type: {contentType}\r\nContent-Length: ");
}
