using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VZaps.Client.Telemetry;

/// <summary>A counter whose listeners, which are somebody else's code on our loops, may throw what they want.</summary>
internal sealed class SafeCounter(Counter<long> counter)
{
    public void Add(long delta)
    {
        try
        {
            counter.Add(delta);
        }
        catch (Exception)
        {
            // There is nobody to tell: it is the listener's own fault, and an event must not be lost by it.
        }
    }

    public void Add(long delta, string tag, string value)
    {
        try
        {
            counter.Add(delta, new KeyValuePair<string, object?>(tag, value));
        }
        catch (Exception)
        {
            // As above.
        }
    }
}

/// <summary>A histogram, likewise.</summary>
internal sealed class SafeHistogram(Histogram<double> histogram)
{
    public bool Enabled => histogram.Enabled;

    public void Record(double value, in TagList tags)
    {
        try
        {
            histogram.Record(value, tags);
        }
        catch (Exception)
        {
            // As for a counter.
        }
    }
}

/// <summary>The beginning and the end of a span, likewise.</summary>
internal static class SafeSpan
{
    public static Activity? Start(ActivitySource source, string name, ActivityKind kind, ActivityContext parent = default, IEnumerable<ActivityLink>? links = null)
    {
        try
        {
            return source.StartActivity(name, kind, parent, links: links);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public static void Stop(Activity? activity)
    {
        try
        {
            activity?.Dispose();
        }
        catch (Exception)
        {
            // As for a counter.
        }
    }
}
