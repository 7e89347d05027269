namespace VZaps.Gateway.Delivery;

/// <summary>Which consumer: a name within an instance.</summary>
internal readonly record struct ConsumerKey(InstanceId Instance, string Name);
