namespace VZaps.Gateway.Tests.Delivery;

/// <summary>A random source that gives one number.</summary>
internal sealed class Jitter(double value) : Random
{
    public override double NextDouble() => value;

    protected override double Sample() => value;
}
