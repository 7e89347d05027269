using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace VZaps.Benchmarks.InProcess;

/// <summary>A gateway as the SDK's HTTP handler sees it: gives tokens, and answers each handshake with the stream that was scripted last.</summary>
internal sealed class ScriptedGateway(bool agreesToExtension) : HttpMessageHandler
{
    private ScriptedStream? _stream;

    /// <summary>What the next connection brings, and how many acks it waits for.</summary>
    public ScriptedStream Script(byte[] frames, int acks) => _stream = new ScriptedStream(frames, acks);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(
        request.RequestUri!.AbsolutePath == "/token"
            ? new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent("{\"access_token\":\"jwt\",\"token_type\":\"Bearer\",\"expires_in\":3600}", Encoding.UTF8, "application/json"),
            }
            : Upgrade(request));

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 has it so; nothing is protected by it.")]
    private HttpResponseMessage Upgrade(HttpRequestMessage request)
    {
        var key = request.Headers.GetValues("Sec-WebSocket-Key").Single();
        var answer = new HttpResponseMessage(HttpStatusCode.SwitchingProtocols) { Content = new StreamOfBothWays(_stream!), RequestMessage = request };
        answer.Headers.Connection.Add("Upgrade");
        answer.Headers.Upgrade.ParseAdd("websocket");
        answer.Headers.Add("Sec-WebSocket-Accept", Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))));
        if (agreesToExtension)
            answer.Headers.Add("Sec-WebSocket-Protocol", ExtensionProtocol.Name);
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
