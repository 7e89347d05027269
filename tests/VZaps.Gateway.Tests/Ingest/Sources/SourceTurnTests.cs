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
}
