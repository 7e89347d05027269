namespace VZaps.Cli.Demo;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Count">End after so many events, 1 and more; null for no end.</param>
/// <param name="Port">The gateway's loopback port, 0 to 65535; 0 for a free one.</param>
/// <param name="Rate">The phone's events a second, above 0; null for the pace of people.</param>
internal sealed record DemoOptions(long? Count, int Port, double? Rate);
