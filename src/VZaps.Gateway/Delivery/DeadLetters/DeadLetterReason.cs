namespace VZaps.Gateway.Delivery;

/// <summary>Why an event is a dead letter.</summary>
internal enum DeadLetterReason
{
    /// <summary>It was delivered as often as is allowed, and never acked while others were.</summary>
    MaxDeliveries = 1,

    /// <summary>The client refused it.</summary>
    Rejected = 2,

    /// <summary>Too many connections ended with it as their oldest unacked event.</summary>
    KillsReader = 3,

    /// <summary>The client's cursor passed it.</summary>
    SkippedByCursor = 4,

    /// <summary>The consumer owed too many events behind it.</summary>
    Abandoned = 5,
}

/// <summary>The reasons as answers and metrics name them.</summary>
internal static class DeadLetterReasons
{
    public static string NameOf(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.MaxDeliveries => "max_deliveries",
        DeadLetterReason.Rejected => "rejected",
        DeadLetterReason.KillsReader => "kills_reader",
        DeadLetterReason.SkippedByCursor => "skipped_by_cursor",
        _ => "abandoned",
    };
}
