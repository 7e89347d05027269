namespace VZaps.Gateway.Storage;

/// <summary>Work that is done one at a time, or so many at a time as a semaphore has places.</summary>
internal static class Turns
{
    /// <summary>Waits for a place, and gives it back when the work has ended, however.</summary>
    /// <param name="places">The places.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Ends the wait, not work that has begun.</param>
    public static async Task<T> InTurnAsync<T>(this SemaphoreSlim places, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            places.Release();
        }
    }
}
