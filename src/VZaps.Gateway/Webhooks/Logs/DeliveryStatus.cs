namespace VZaps.Gateway.Webhooks;

/// <summary>What became of a delivery. The numbers are in the database.</summary>
internal enum DeliveryStatus : byte
{
    /// <summary>It is tried again, or waits for an earlier event of its chat.</summary>
    Pending = 0,

    /// <summary>The endpoint took it.</summary>
    Delivered = 1,

    /// <summary>All attempts of the schedule failed.</summary>
    Failed = 2,

    /// <summary>Its endpoint was deleted before it was taken.</summary>
    Cancelled = 3,
}

/// <summary>The statuses as the wire names them.</summary>
internal static class DeliveryStatuses
{
    public const int Count = 4;
    private static readonly string[] Names = ["pending", "delivered", "failed", "cancelled"];

    /// <summary>All names, for a message.</summary>
    public static string AllNames { get; } = string.Join(", ", Names);

    public static string NameOf(DeliveryStatus status) => Names[(int)status];

    public static bool TryParse(string name, out DeliveryStatus status)
    {
        var index = Array.IndexOf(Names, name);
        status = (DeliveryStatus)Math.Max(index, 0);
        return index >= 0;
    }
}
