namespace VZaps.Gateway.Ingest;

/// <summary>What one publish request may hold; the contract's numbers.</summary>
internal static class PublishLimits
{
    public const int MaxBodyBytes = 8 * 1024 * 1024;
    public const int MaxEvents = 1_000;
    public const int MaxEnvelopeBytes = 1_048_576;
    public const int MaxIdempotencyKeyBytes = 256;
}
