using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Http;

public sealed class QueryCredentialTests
{
    private const string Secret = "S3CRETVALUE";

    [Fact]
    public async Task Query_credentials_reach_no_log_at_trace_also_in_a_malformed_request()
    {
        using var log = new CapturedLog();
        await using (var gateway = await GatewayFixture.StartAsync(configure: builder =>
        {
            builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace);
            foreach (var category in (string[])["Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.EntityFrameworkCore",
                "Microsoft.AspNetCore.Server.Kestrel.BadRequests"])
                builder.Configuration[$"Logging:LogLevel:{category}"] = "Trace";
        }))
        {
            await gateway.SendAsync(HttpMethod.Get, $"/events/ws?harmless=shown&access_token={Secret}1&clientToken={Secret}2&instance%5Ftoken={Secret}3");
            await gateway.SendAsync(HttpMethod.Get, $"/health/live?instanceToken={Secret}4");
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", gateway.Client.BaseAddress!.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /events/ws?access_token={Secret}5 broken HTTP/9\r\n\r\n"));
            Assert.StartsWith("HTTP/1.1 400", await new StreamReader(socket.GetStream()).ReadToEndAsync(), StringComparison.Ordinal);
        }

        Assert.Contains("harmless=shown", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log.Text, StringComparison.OrdinalIgnoreCase);
    }
}
