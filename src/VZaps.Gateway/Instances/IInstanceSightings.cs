namespace VZaps.Gateway.Instances;

/// <summary>What is known of an instance's WhatsApp account beside its events. Thread-safe.</summary>
internal interface IInstanceSightings
{
    /// <summary>An instance's; the default value where nothing is known.</summary>
    InstanceSighting SightingOf(InstanceId instance);
}

/// <summary>What is known of an account.</summary>
/// <param name="PhoneNumber">Its number in digits; null while it is not known.</param>
/// <param name="LastSeenAt">When something last came from it; null for never.</param>
internal readonly record struct InstanceSighting(string? PhoneNumber, DateTimeOffset? LastSeenAt);
