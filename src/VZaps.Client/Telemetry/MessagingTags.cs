namespace VZaps.Client.Telemetry;

/// <summary>The names of OpenTelemetry's conventions for messaging, and ours.</summary>
internal static class MessagingTags
{
    public const string System = "messaging.system";
    public const string SystemName = "vzaps";
    public const string Receive = "receive";
    public const string Process = "process";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string OperationType = "messaging.operation.type";
    public const string OperationName = "messaging.operation.name";
    public const string Destination = "messaging.destination.name";
    public const string ConsumerGroup = "messaging.consumer.group.name";
    public const string MessageId = "messaging.message.id";
    public const string BatchCount = "messaging.batch.message_count";
    public const string ErrorType = "error.type";
    public const string EventType = "vzaps.event.type";
    public const string MediaOutcome = "vzaps.media.outcome";
    public const string DeliveryCount = "vzaps.delivery_count";
}
