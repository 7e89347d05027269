using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace VZaps.Client.Tests.Faults;

/// <summary>A gateway as the SDK's HTTP handler sees it, in this process, with the faults of a schedule: one for each handshake until they are used up.</summary>
internal sealed class ModelGateway(FaultSchedule schedule, Account account) : HttpMessageHandler
{
    private readonly ConcurrentQueue<Task> _serving = new();
    private int _handshakes;

    public int Handshakes => Volatile.Read(ref _handshakes);

    /// <summary>Completes when every connection has ended.</summary>
    public Task AllEnded => Task.WhenAll(_serving);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (request.RequestUri!.AbsolutePath == "/token")
            return Json(HttpStatusCode.OK, """{"access_token":"jwt","token_type":"Bearer","expires_in":3600}""");
        var index = Interlocked.Increment(ref _handshakes) - 1;
        var fault = index < schedule.Faults.Count ? schedule.Faults[index] : LineFault.None;
        switch (fault.Kind)
        {
            case FaultKind.Status401:
                return Json(HttpStatusCode.Unauthorized, """{"code":401,"success":false,"error":"invalid_token","message":"Renew it."}""");
            case FaultKind.Status429:
                return Json(HttpStatusCode.TooManyRequests, "{}", retryAfter: "0");
            case FaultKind.Status503:
                return Json(HttpStatusCode.ServiceUnavailable, "{}");
            case FaultKind.AddressRefused:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused", new SocketException((int)SocketError.ConnectionRefused));
            case FaultKind.AddressUnknown:
                throw new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known", new SocketException((int)SocketError.HostNotFound));
            case FaultKind.HandshakeUnanswered:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                throw new InvalidOperationException();
            default:
                return Accept(request, fault);
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 has it so; nothing is protected by it.")]
    private HttpResponseMessage Accept(HttpRequestMessage request, LineFault fault)
    {
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(request.RequestUri!.Query);
        var cursor = query.TryGetValue("last_event_id", out var id) && EventPosition.TryParse(id.ToString(), out var position) ? (int)position.Sequence : 0;
        account.Resume(cursor);
        var line = new FaultyLine(fault);
        _serving.Enqueue(Task.Run(() => ServeAsync(line.ServerEnd, fault, cursor)));
        var answer = new HttpResponseMessage(HttpStatusCode.SwitchingProtocols) { Content = new StreamOfBothWays(line), RequestMessage = request };
        answer.Headers.Connection.Add("Upgrade");
        answer.Headers.Upgrade.ParseAdd("websocket");
        var key = request.Headers.GetValues("Sec-WebSocket-Key").Single();
        answer.Headers.Add("Sec-WebSocket-Accept", Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))));
        if (schedule.Extension)
            answer.Headers.Add("Sec-WebSocket-Protocol", ExtensionProtocol.Name);
        return answer;
    }

    private async Task ServeAsync(Stream end, LineFault fault, int cursor)
    {
        using var socket = WebSocket.CreateFromStream(end, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        using var connection = new ModelConnection(socket, end, account, schedule, fault, cursor);
        await connection.RunAsync();
    }

    private static HttpResponseMessage Json(HttpStatusCode status, string body, string? retryAfter = null)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfter is not null)
            answer.Headers.Add("Retry-After", retryAfter);
        return answer;
    }

    /// <summary>The framework's own content hands out a stream that cannot be written.</summary>
    private sealed class StreamOfBothWays(Stream stream) : HttpContent
    {
        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => stream;

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(stream);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
