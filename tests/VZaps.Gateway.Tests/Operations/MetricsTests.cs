using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Operations;

/// <summary>Meters of one name are one to the exporter, whichever gateway of a process they belong to: here is only one at a time.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(AloneInTheProcess))]
public sealed class MetricsTests
{
    [Fact]
    public async Task Every_way_of_an_event_is_counted_and_no_instance_is_a_tag()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new() { ["Delivery:AckTimeout"] = "00:00:01" });
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance, count: 3);
        await reader.NextIdsAsync(3);
        await reader.AckAsync(ids[0]);
        await reader.SendAsync(new { type = "reject", event_id = ids[1] });
        await reader.SendAsync(new { type = "nack", event_id = ids[2] });
        await reader.NextIdsAsync(1);
        await gateway.WaitForLettersAsync(instance, count: 1);
        await gateway.RefusalAsync(instance, HttpMethod.Get, "/deadletters?limit=0");

        string[] names = ["vzaps_publish_events_total", "vzaps_delivery_delivered_total", "vzaps_delivery_acked_total", "vzaps_delivery_redelivered_total",
            "vzaps_delivery_answers_total", "vzaps_delivery_dead_total", "vzaps_http_refusals_total", "vzaps_log_commit_seconds_count", "vzaps_delivery_latency_seconds_count",
            "vzaps_realtime_connections", "vzaps_log_size_bytes", "vzaps_delivery_lag"];
        var text = "";
        // A dead letter is there before it is counted.
        var areAll = await Eventually.HoldsAsync(async () =>
        {
            text = await gateway.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            return Array.TrueForAll(names, name => Sum(text, name) >= 1);
        });

        Assert.True(areAll, $"{string.Join(' ', names.Where(name => Sum(text, name) < 1))}:\n{text}");
        Assert.Contains("vzaps_delivery_windows_full", text, StringComparison.Ordinal);
        Assert.Matches("""vzaps_delivery_dead_total\{[^}]*reason="rejected"[^}]*\}""", text);
        Assert.Matches("""vzaps_http_refusals_total\{[^}]*code="invalid_limit"[^}]*\}""", text);
        Assert.DoesNotContain(instance.Id, text, StringComparison.Ordinal);
    }

    /// <summary>The sum over a name's lines: <c>name{tags} value</c>.</summary>
    private static double Sum(string text, string name) => text.Split('\n')
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.IndexOf("} ", StringComparison.Ordinal) is var end and >= 0 ? end + 2 : name.Length + 1)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
}
