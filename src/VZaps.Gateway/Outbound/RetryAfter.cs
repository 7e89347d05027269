namespace VZaps.Gateway.Outbound;

/// <summary>How long a server asks to be left alone, with <c>Retry-After</c> in either of its forms. Pure.</summary>
internal static class RetryAfter
{
    /// <summary>How long from now; null where it asks for nothing, or for a time that is past. It has no bound here: <see cref="RetrySchedule"/> has its longest wait.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var given = response.Headers.RetryAfter;
        var asked = given?.Delta ?? given?.Date - now;
        return asked > TimeSpan.Zero ? asked : null;
    }
}
