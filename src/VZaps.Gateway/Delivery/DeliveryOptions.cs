using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Delivery;

/// <summary>Section <c>Delivery</c>: how events go to WebSocket readers.</summary>
internal sealed class DeliveryOptions
{
    public const string Section = "Delivery";

    /// <summary>Most unacked events that are out on one connection. <value>Default 1,024; 1 to 65,536.</value></summary>
    public int Window { get; set; } = 1_024;
}

internal sealed class DeliveryOptionsValidator : IValidateOptions<DeliveryOptions>
{
    public ValidateOptionsResult Validate(string? name, DeliveryOptions options) => new OptionMistakes()
        .Require(options.Window is >= 1 and <= 65_536, "Delivery:Window", options.Window, "1 to 65536")
        .ToResult();
}
