namespace VZaps.Gateway.Ingest;

/// <summary>What an instance was charged for a request (<see cref="PublishRate"/>).</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Events">Events of the request.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="EventsPaidAt">When, from the gateway's start, the events will have been waited off.</param>
/// <param name="BytesPaidAt">The same of the bytes.</param>
internal readonly record struct TakenRate(InstanceId Instance, int Events, long Bytes, TimeSpan EventsPaidAt, TimeSpan BytesPaidAt);
