using System.Buffers;
using System.Text.Json;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>What the server says beside events to a client of <c>vzaps.ext.1</c>.</summary>
internal static class ServerFrames
{
    /// <summary>The first frame.</summary>
    public static byte[] Hello(DeliveryAccount account, Attachment attachment, IEventLog log, DeliveryOptions options) => Write(json =>
    {
        var info = account.Info;
        json.WriteString("type", "hello");
        json.WriteString("connection_id", info.Id);
        json.WriteString("consumer", info.Consumer);
        json.WriteNumber("consumer_connections", account.Consumer?.Connections.Count ?? 1);
        json.WriteString("resumed_after", log.PositionOf(info.Instance, attachment.Start.First)?.ToString());
        json.WriteNumber("lag", LagOf(account, log));
        json.WriteNumber("window", account.Capacity);
        json.WriteNumber("ack_timeout_ms", (long)options.AckTimeout.TotalMilliseconds);
        json.WriteNumber("moves", account.Consumer?.Moves ?? 0);
        json.WritePropertyName("gap");
        if (attachment.Gap is { } gap)
        {
            json.WriteStartObject();
            WriteGap(json, gap, info.Instance, log);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }
    });

    /// <summary>Retention was faster than this connection.</summary>
    public static byte[] Gap(Gap gap, InstanceId instance, IEventLog log) => Write(json =>
    {
        json.WriteString("type", "gap");
        WriteGap(json, gap, instance, log);
    });

    /// <summary>The server is about to shut down.</summary>
    public static byte[] GoAway(TimeSpan reconnectAfter) => Write(json =>
    {
        json.WriteString("type", "goaway");
        json.WriteNumber("reconnect_after_ms", (long)reconnectAfter.TotalMilliseconds);
    });

    private static void WriteGap(Utf8JsonWriter json, Gap gap, InstanceId instance, IEventLog log)
    {
        var shown = GapAnswer.Of(gap, instance, log);
        json.WriteString("from", shown.From);
        json.WriteString("to", shown.To);
        json.WriteNumber("events", shown.Events);
        json.WriteString("reason", shown.Reason);
    }

    private static long LagOf(DeliveryAccount account, IEventLog log)
    {
        if (account.Consumer is not { } consumer)
            return 0;
        var types = consumer.Snapshot().Types.Where(type => account.Info.Types.Contains(type.TypeIndex));
        return ConsumerLag.Of(types, consumer.ReadLetters(letters => letters.RedeliveredCount), account.Info.Instance, log).Events;
    }

    private static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
