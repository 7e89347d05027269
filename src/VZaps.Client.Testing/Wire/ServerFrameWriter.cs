using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VZaps.Client.Testing.Wire;

/// <summary>What a gateway says beside the events to a client of the extension.</summary>
internal static class ServerFrameWriter
{
    public static byte[] Hello(FakeConnection connection, int connections, int lag, FakeGatewayOptions options) => Write(json =>
    {
        json.WriteString("type", "hello");
        json.WriteString("connection_id", connection.Id);
        json.WriteString("consumer", connection.ConsumerName);
        json.WriteNumber("consumer_connections", connections);
        json.WriteNull("resumed_after");
        json.WriteNumber("lag", lag);
        json.WriteNumber("window", connection.IsEphemeral ? 0 : options.Window);
        json.WriteNumber("ack_timeout_ms", (long)options.AckTimeout.TotalMilliseconds);
        json.WriteNumber("moves", 0);
        json.WriteNull("gap");
    });

    public static byte[] GoAway(TimeSpan reconnectAfter) => Write(json =>
    {
        json.WriteString("type", "goaway");
        json.WriteNumber("reconnect_after_ms", (long)reconnectAfter.TotalMilliseconds);
    });

    public static byte[] Gap(long events) => Write(json =>
    {
        json.WriteString("type", "gap");
        json.WriteNull("from");
        json.WriteNull("to");
        json.WriteNumber("events", events);
        json.WriteString("reason", "retention");
    });

    /// <summary>An envelope with the number of its delivery.</summary>
    public static byte[] Redelivered(byte[] envelope, int delivery) =>
        [.. envelope.AsSpan(0, envelope.Length - 1), .. ",\"delivery\":"u8, .. Encoding.ASCII.GetBytes(delivery.ToString(CultureInfo.InvariantCulture)), (byte)'}'];

    private static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
