using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Storage;

public sealed class PromptWriteTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2), Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task While_somebody_else_writes_all_of_them_wait_for_the_time_and_no_longer_and_hold_no_thread()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var time = new FakeTimeProvider();
        using var writes = new PromptWrites(gateway.Get<IDbContextFactory<GatewayDatabase>>(), time);
        await using var other = new SqliteConnection($"Data Source={Path.Combine(gateway.DataPath, GatewayDatabase.FileName)};Pooling=False");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var begin = other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        // On this thread, which they give back at once.
        var waiting = Enumerable.Range(0, 10).Select(_ => writes.RunAsync(_ => Task.FromResult(1), Within, CancellationToken.None)).ToList();
        time.Advance(Within - TimeSpan.FromMilliseconds(1));
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        foreach (var one in waiting)
            await Assert.ThrowsAsync<TimeoutException>(() => one.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_that_stands_behind_others_waits_while_these_are_written()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var time = new FakeTimeProvider();
        using var writes = new PromptWrites(gateway.Get<IDbContextFactory<GatewayDatabase>>(), time);
        var (first, second) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        using var begun = new SemaphoreSlim(0);
        var one = RunAsync(first.Task);
        await begun.WaitAsync(Patience, TestContext.Current.CancellationToken);
        var other = RunAsync(second.Task);
        var last = RunAsync(Task.FromResult(3));
        time.Advance(Within * 0.75);
        first.SetResult(1);
        Assert.Equal(1, await one.WaitAsync(Patience, TestContext.Current.CancellationToken));
        await begun.WaitAsync(Patience, TestContext.Current.CancellationToken);
        // It has waited for longer than the time by now, and something was written in it.
        time.Advance(Within * 0.75);
        Assert.False(last.IsCompleted);
        second.SetResult(2);
        Assert.Equal(2, await other.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(3, await last.WaitAsync(Patience, TestContext.Current.CancellationToken));

        Task<int> RunAsync(Task<int> write) => writes.RunAsync(
            _ =>
            {
                begun.Release();
                return write;
            },
            Within,
            CancellationToken.None);
    }
}
