namespace VZaps.Gateway.Webhooks;

/// <summary>What an endpoint's loop takes attempts from, one at a time and in turns with others.</summary>
internal interface IAttemptSource
{
    /// <summary>Whether there is one that could begin. Only then a slot is asked for: who has nothing to begin must not stand in line for one.</summary>
    Task<bool> HasNextAsync(CancellationToken stopping);

    /// <summary>Begins it, with a slot that the caller has taken.</summary>
    /// <returns>False where it does not begin after all; then, and where this throws, the slot is still the caller's.</returns>
    Task<bool> BeginAsync(CancellationToken stopping);
}
