namespace VZaps.Client.Webhooks;

/// <summary>The headers of a post.</summary>
internal static class WebhookHeaders
{
    public const string Id = "webhook-id";
    public const string Timestamp = "webhook-timestamp";
    public const string Signature = "webhook-signature";
    public const string Instance = "vzaps-instance-id";
    public const string EventType = "vzaps-event-type";
    public const string CreatedAt = "vzaps-created-at";
    public const string Attempt = "vzaps-attempt";

    public const int MaxIdLength = 256;

    /// <summary>The last second that <see cref="DateTimeOffset"/> has.</summary>
    public static long LastSecond { get; } = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
}
