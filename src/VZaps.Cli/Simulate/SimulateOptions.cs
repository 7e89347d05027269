namespace VZaps.Cli.Simulate;

/// <summary>What to simulate.</summary>
internal sealed record SimulateOptions
{
    public required bool IsCloud { get; init; }

    /// <summary>The source's URL.</summary>
    public required Uri Url { get; init; }

    public string PhoneNumberId { get; init; } = "";

    /// <summary>The app secret, or wuzapi's HMAC key; null for a secret in the URL.</summary>
    public string? Secret { get; init; }

    /// <summary>Updates a second.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>Updates in all; null for no end.</summary>
    public long? Count { get; init; }

    public int Seed { get; init; }

    /// <summary>Updates in one body at most.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>How many of a hundred bodies come twice.</summary>
    public int Duplicates { get; init; }

    /// <summary>How many of a hundred bodies come later than those behind them.</summary>
    public int Disorder { get; init; }

    // A record would print the secret.
    public override string ToString() => nameof(SimulateOptions);
}
