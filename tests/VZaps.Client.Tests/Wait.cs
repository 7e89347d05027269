namespace VZaps.Client.Tests;

/// <summary>Waiting for conditions, with a limit that only a failure reaches.</summary>
internal static class Wait
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Limit, $"Not within {Limit}: {what}");
            await Task.Delay(5);
        }
    }

    /// <summary>Lets what is held go when the test ends, also when it fails: else a disposal would wait for it.</summary>
    public static IDisposable LetGoAtEnd(this TaskCompletionSource held) => new AtEnd(held);

    public static Task OrFailAsync(this Task task) => task.WaitAsync(Limit);

    public static Task<T> OrFailAsync<T>(this Task<T> task) => task.WaitAsync(Limit);

    private sealed class AtEnd(TaskCompletionSource held) : IDisposable
    {
        public void Dispose() => held.TrySetResult();
    }
}
