using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Delivery;

/// <summary>Section <c>Delivery</c>: how events go to WebSocket readers.</summary>
internal sealed class DeliveryOptions
{
    public const string Section = "Delivery";

    /// <summary>How long a sent event may stay unacked before it is sent again; each later wait is twice the one before.
    /// <value>Default 30 s; 1 s to 1 h.</value></summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an event is sent on one connection before it goes to the dead letters. <value>Default 5; 1 to 100.</value></summary>
    public int MaxDeliveries { get; set; } = 5;

    /// <summary>Most unacked events that are out on one connection. <value>Default 1,024; 1 to 65,536.</value></summary>
    public int Window { get; set; } = 1_024;

    /// <summary>How long a reader may take nothing from its socket before it is closed with 1013. <value>Default 60 s; 1 s to 1 h.</value></summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most events that a consumer may owe; beyond, the oldest go to its dead letters. <value>Default 10,000; 1 to 1,000,000.</value></summary>
    public int MaxOwed { get; set; } = 10_000;

    /// <summary>Most dead letters of a consumer; beyond, the oldest are removed. <value>Default 10,000; 1 to 1,000,000.</value></summary>
    public int MaxDeadLetters { get; set; } = 10_000;

    /// <summary>How long a dead letter is kept. <value>Default 30 days; 1 min to 3,650 days.</value></summary>
    public TimeSpan DeadLetterAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a consumer without a connection is remembered. <value>Default 30 days; 1 h to 3,650 days.</value></summary>
    public TimeSpan ConsumerAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>When an unacked event is sent again, and how often.</summary>
    public DeliverySchedule ToSchedule() => new(AckTimeout, MaxDeliveries);
}

internal sealed class DeliveryOptionsValidator : IValidateOptions<DeliveryOptions>
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1), OneMinute = TimeSpan.FromMinutes(1), OneHour = TimeSpan.FromHours(1), Longest = TimeSpan.FromDays(3_650);

    public ValidateOptionsResult Validate(string? name, DeliveryOptions options) => new OptionMistakes()
        .Require(options.AckTimeout >= OneSecond && options.AckTimeout <= OneHour, "Delivery:AckTimeout", options.AckTimeout, "00:00:01 to 01:00:00")
        .Require(options.MaxDeliveries is >= 1 and <= 100, "Delivery:MaxDeliveries", options.MaxDeliveries, "1 to 100")
        .Require(options.Window is >= 1 and <= 65_536, "Delivery:Window", options.Window, "1 to 65536")
        .Require(options.StallTimeout >= OneSecond && options.StallTimeout <= OneHour, "Delivery:StallTimeout", options.StallTimeout, "00:00:01 to 01:00:00")
        .Require(options.MaxOwed is >= 1 and <= 1_000_000, "Delivery:MaxOwed", options.MaxOwed, "1 to 1000000")
        .Require(options.MaxDeadLetters is >= 1 and <= 1_000_000, "Delivery:MaxDeadLetters", options.MaxDeadLetters, "1 to 1000000")
        .Require(options.DeadLetterAge >= OneMinute && options.DeadLetterAge <= Longest, "Delivery:DeadLetterAge", options.DeadLetterAge, "00:01:00 to 3650.00:00:00")
        .Require(options.ConsumerAge >= OneHour && options.ConsumerAge <= Longest, "Delivery:ConsumerAge", options.ConsumerAge, "01:00:00 to 3650.00:00:00")
        .ToResult();
}
