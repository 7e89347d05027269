using System.Net.Sockets;
using System.Text;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Ingest.Sources.SourceCalls;

namespace VZaps.Gateway.Tests.Ingest.Sources;

public sealed class SourceTurnTests
{
    [Fact]
    public async Task A_source_whose_bodies_come_slowly_leaves_room_to_the_others()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new(StringComparer.Ordinal)
        {
            // Time enough for the slow ones, where they come to it while one that is tried below is read.
            ["Sources:MaxBodiesAtOnce"] = "3", ["Sources:MaxBodiesAtOncePerSource"] = "2", ["Sources:TurnTimeout"] = "00:00:03",
        });
        var (slow, other) = (await gateway.SetWuzAsync(await gateway.NewInstanceAsync()), await gateway.SetWuzAsync(await gateway.NewInstanceAsync()));
        var (contents, posts) = (new List<HeldContent>(), new List<Task<HttpResponseMessage>>());
        for (var i = 0; i < 2; i++)
        {
            var message = Encoding.UTF8.GetBytes(WuzMessage($"{i}"));
            // Long enough that the client does not gather it before it sends.
            contents.Add(new HeldContent([.. Enumerable.Repeat((byte)' ', 200_000), .. message[..^1]], message[^1..]));
            posts.Add(gateway.Client.PostAsync(slow, contents[i]));
        }

        var body = Encoding.UTF8.GetBytes(WuzMessage("9"));
        Assert.True(await Eventually.HoldsAsync(async () => await gateway.PostAsync(slow, body, "application/json") == 503));
        Assert.Equal(200, await gateway.PostAsync(other, body, "application/json"));
        contents.ForEach(content => content.Release());
        foreach (var post in posts)
        {
            using var answer = await post;
            Assert.Equal(200, (int)answer.StatusCode);
        }

        Assert.True(await Eventually.HoldsAsync(async () => await gateway.PostAsync(slow, body, "application/json") == 200));
    }

    [Theory]
    [InlineData("wuzapi", 200_000)]
    [InlineData("cloud", 200_000)]
    [InlineData("cloud", 20_000)]
    public async Task A_body_that_does_not_come_to_its_end_gives_its_turn_back(string kind, int bytes)
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new(StringComparer.Ordinal)
        {
            ["Sources:MaxBodiesAtOnce"] = "1", ["Sources:TurnTimeout"] = "00:00:30", ["Sources:BodyTimeout"] = "00:00:01",
        });
        var (first, second) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var path = kind == "cloud" ? await gateway.SetCloudAsync(first) : await gateway.SetWuzAsync(first);
        var (client, stream) = await BeginAsync(gateway, path, bytes);
        using (client)
        {
            // It is its turn when that one's time is over.
            Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(second), Encoding.UTF8.GetBytes(WuzMessage("9")), "application/json"));
            using var reader = new StreamReader(stream, Encoding.UTF8);
            Assert.StartsWith("HTTP/1.1 408 ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.Contains("Sources:BodyTimeout", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    /// <summary>Sends the head of a request, and half of its body.</summary>
    private static async Task<(TcpClient Client, NetworkStream Stream)> BeginAsync(GatewayFixture gateway, string path, int bytes)
    {
        var client = new TcpClient();
        await client.ConnectAsync(gateway.Client.BaseAddress!.Host, gateway.Client.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {bytes}\r\n\r\n{new string(' ', bytes / 2)}"));
        return (client, stream);
    }
}
