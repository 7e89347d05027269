namespace VZaps;

/// <summary>What a <see cref="WebhookVerifier"/> is made of.</summary>
public sealed record WebhookVerifierOptions
{
    /// <summary>The endpoint's secrets (<c>whsec_…</c>). At least one; two while one takes the place of the other, in any order.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>How far the time of the signature may be from now. The gateway signs each attempt anew, so a late retry is not old.</summary>
    /// <value>Default 5 min; more than 0, up to 1 day.</value>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// With what <see cref="VZapsEvent.Media"/> of the events is fetched: its waits and limits are the client's, and a link that was refused is renewed with the client's credentials, which go
    /// to its <see cref="VZapsClientOptions.BaseUrl"/> alone. It is not disposed.
    /// </summary>
    /// <value>Default null: files are fetched with the defaults of <see cref="VZapsClientOptions"/>, and links are not renewed.</value>
    public VZapsClient? Client { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    // A record would print the secrets.
    /// <summary>All but the secrets.</summary>
    public override string ToString() => $"{Secrets.Count} secrets, {Tolerance}";
}
