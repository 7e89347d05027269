namespace VZaps.Client.Testing;

/// <summary>How a <see cref="FakeGateway"/> behaves. It is read once, by the gateway's constructor.</summary>
public sealed class FakeGatewayOptions
{
    /// <summary>
    /// The clock of the gateway and of the clients that <see cref="FakeGateway.NewClient"/> makes: a <c>FakeTimeProvider</c>, and time passes when you advance it. Retry
    /// waits of the client are of that clock, too.
    /// </summary>
    /// <value>Default <see cref="System.TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Whether it agrees to the extension <c>vzaps.ext.1</c>; without it every client is a plain one.</summary>
    /// <value>Default true.</value>
    public bool AgreesToExtension { get; set; } = true;

    /// <summary>After how long an event that was not acked is delivered again; the wait doubles with each delivery.</summary>
    /// <value>Default 30 s; 1 ms and up.</value>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many deliveries an event has on a connection before it is a dead letter.</summary>
    /// <value>Default 5; 1 and up.</value>
    public int MaxDeliveries { get; set; } = 5;

    /// <summary>How many events are out on a connection at most.</summary>
    /// <value>Default 1,024; 1 and up.</value>
    public int Window { get; set; } = 1_024;

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal static void Check(FakeGatewayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.TimeProvider is null)
            throw new ArgumentException($"{nameof(TimeProvider)} is missing.", nameof(options));
        if (options.AckTimeout < TimeSpan.FromMilliseconds(1))
            throw new ArgumentException($"{nameof(AckTimeout)} {options.AckTimeout} is out of range; give 1 ms and up.", nameof(options));
        if (options.MaxDeliveries < 1)
            throw new ArgumentException($"{nameof(MaxDeliveries)} {options.MaxDeliveries} is out of range; give 1 and up.", nameof(options));
        if (options.Window < 1)
            throw new ArgumentException($"{nameof(Window)} {options.Window} is out of range; give 1 and up.", nameof(options));
    }
}
