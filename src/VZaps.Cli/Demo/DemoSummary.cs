namespace VZaps.Cli.Demo;

/// <summary>How it went, in events.</summary>
/// <param name="Published">Published by the phone and answered as durable.</param>
/// <param name="Received">Received by the subscriber, each once.</param>
/// <param name="Foreign">Those received that the phone did not publish.</param>
/// <param name="Acked">Those received that the gateway counts as acked.</param>
/// <param name="Redelivered">Deliveries of an event that had come before.</param>
/// <param name="Lost">Published by the phone and never received.</param>
internal sealed record DemoSummary(long Published, long Received, long Foreign, long Acked, long Redelivered, long Lost);
