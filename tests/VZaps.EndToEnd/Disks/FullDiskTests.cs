using System.Net;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Faults;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Disks;

/// <summary>A data folder that fills up under a running gateway.</summary>
public sealed class FullDiskTests
{
    private const int DiskMebibytes = 48;
    private const string SegmentBytes = "16777216";

    // Two of these fill a segment.
    private static readonly string Batch =
        $"[{string.Join(',', Enumerable.Repeat($$$"""{"type":"Message","data":{"text":"{{{new string('x', 8_000)}}}"}}""", 950))}]";

    [Fact]
    public async Task Publishes_are_refused_while_it_is_full_reads_and_delivery_go_on_and_with_room_publishes_do()
    {
        await using var gateway = new GatewayProcess(("VZAPS_Log__SegmentBytes", SegmentBytes));
        using var disk = SmallDisk.TryMount(gateway.Folder, DiskMebibytes);
        if (disk is null)
        {
            // The same faults, at every operation of the log, are in DiskFullTests, which need no right to mount.
            TestContext.Current.AddWarning("This account may not mount a small disk: nothing was filled.");
            return;
        }

        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var handled = new HandledEvents();
        await using var client = new VZapsClient(new VZapsClientOptions
        {
            BaseUrl = new Uri(gateway.BaseUrl), ClientToken = gateway.ClientToken, ClientSecret = gateway.ClientSecret,
        });
        await using var subscription = await client.Events.SubscribeAsync(
            new EventSubscribeRequest { InstanceId = instance.Id, InstanceToken = instance.Token }, TestContext.Current.CancellationToken);
        subscription.On(EventType.All, received => handled.Add(received.Id));
        await subscription.StartAsync(TestContext.Current.CancellationToken);
        var accepted = new List<string>(await api.PublishAsync(instance, """{"type":"Message","data":{}}"""));

        disk.Fill();
        var refusal = await PublishUntilRefusedAsync(api, instance, accepted);

        Assert.Contains("log_full", refusal, StringComparison.Ordinal);
        Assert.Contains("no room on the disk", refusal, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadinessAsync(api));
        await Wait.UntilAsync(() => accepted.TrueForAll(handled.Contains), "what was accepted is handled on a full disk");
        Assert.Equal(accepted, await HistoryAsync(api, instance));
        // What the written file had taken ahead went back to the disk; somebody else takes it.
        disk.Fill();
        Assert.Contains("log_full", await PublishUntilRefusedAsync(api, instance, accepted), StringComparison.Ordinal);

        var newcomer = await Handshake.RefusedAsync(
            gateway, $"/events/ws?instance_id={instance.Id}&instance_token={instance.Token}&client_token={gateway.ClientToken}&consumer=new");
        Assert.Equal((503, "storage_full"), (newcomer.Status, newcomer.Error));
        Assert.True(int.Parse(newcomer.RetryAfter!) > 0);

        disk.Free();
        accepted.AddRange(await api.PublishAsync(instance, """{"type":"Message","data":{"text":"with room again"}}"""));

        Assert.Equal(HttpStatusCode.OK, await ReadinessAsync(api));
        await Wait.UntilAsync(() => accepted.TrueForAll(handled.Contains), "what was accepted with room again is handled");
        Assert.Equal(accepted, await HistoryAsync(api, instance));

        await gateway.KillAsync();
        await gateway.StartAsync();
        Assert.Equal(accepted, await HistoryAsync(api, instance));
    }

    /// <summary>Publishes until a request is refused with 503; returns the refusal.</summary>
    private static async Task<string> PublishUntilRefusedAsync(GatewayApi api, TestInstance instance, List<string> accepted)
    {
        while (true)
        {
            try
            {
                accepted.AddRange(await api.PublishAsync(instance, Batch));
            }
            catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return refused.Message;
            }
        }
    }

    private static async Task<HttpStatusCode> ReadinessAsync(GatewayApi api)
    {
        using var answer = await api.SendAsync(HttpMethod.Get, "/health/ready");
        return answer.StatusCode;
    }

    private static async Task<List<string>> HistoryAsync(GatewayApi api, TestInstance instance) =>
        (await api.ReadHistoryAsync(instance)).ConvertAll(envelope => envelope.GetProperty("id").GetString()!);
}
