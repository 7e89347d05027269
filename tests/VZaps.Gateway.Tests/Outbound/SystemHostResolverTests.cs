using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Outbound;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Outbound;

public sealed class SystemHostResolverTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Names_that_hang_hold_no_thread_of_the_pool_and_one_thread_a_name()
    {
        using var answered = new ManualResetEventSlim();
        var onPool = 0;
        var lookups = 0;
        using var resolver = new SystemHostResolver(host =>
        {
            Interlocked.Add(ref onPool, Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
            Interlocked.Increment(ref lookups);
            answered.Wait(Ended);
            return [IPAddress.Parse("93.184.215.14")];
        }, TimeProvider.System);
        var asked = Enumerable.Range(0, 300).Select(place => resolver.ResolveAsync($"name{place % 3}.test", Ended)).ToArray();

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Volatile.Read(ref lookups) == 3)));
        answered.Set();
        await Task.WhenAll(asked);

        Assert.Equal((0, 3), (onPool, lookups));
    }

    [Fact]
    public async Task No_more_than_128_lookups_are_out_at_a_time()
    {
        using var answered = new ManualResetEventSlim();
        var running = 0;
        var most = 0;
        using var resolver = new SystemHostResolver(host =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            answered.Wait(Ended);
            Interlocked.Decrement(ref running);
            return [];
        }, TimeProvider.System);
        var asked = Enumerable.Range(0, SystemHostResolver.MaxLookups + 20).Select(place => resolver.ResolveAsync($"name{place}.test", Ended)).ToArray();
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Volatile.Read(ref running) == SystemHostResolver.MaxLookups)));
        answered.Set();
        await Task.WhenAll(asked);
        Assert.Equal(128, most);
    }

    [Fact]
    public async Task A_name_that_could_not_be_found_is_looked_up_again_the_next_time()
    {
        var lookups = 0;
        using var resolver = new SystemHostResolver(host =>
            ++lookups == 1 ? throw new SocketException((int)SocketError.HostNotFound) : [IPAddress.Parse("93.184.215.14")], TimeProvider.System);
        await Assert.ThrowsAsync<SocketException>(() => resolver.ResolveAsync("name.test", Ended));
        Assert.Single(await resolver.ResolveAsync("name.test", Ended));
    }

    [Fact]
    public async Task Names_of_which_nothing_is_heard_leave_half_of_the_threads_to_others()
    {
        using var answered = new ManualResetEventSlim();
        var (time, lookups) = (new FakeTimeProvider(), 0);
        using var resolver = new SystemHostResolver(host =>
        {
            if (Interlocked.Increment(ref lookups) == 1)
                time.Advance(TimeSpan.FromSeconds(10));
            if (host == "silent.test")
                throw new SocketException((int)SocketError.TryAgain);
            answered.Wait(Ended);
            return [IPAddress.Parse("93.184.215.14")];
        }, time);
        await Assert.ThrowsAsync<SocketException>(() => resolver.ResolveAsync("silent.test", Ended));
        // There is room: it is asked again.
        await Assert.ThrowsAsync<SocketException>(() => resolver.ResolveAsync("silent.test", Ended));
        Assert.Equal(2, lookups);

        var busy = Enumerable.Range(0, SystemHostResolver.MaxLookups / 2).Select(place => resolver.ResolveAsync($"name{place}.test", Ended)).ToArray();
        await Assert.ThrowsAsync<SocketException>(() => resolver.ResolveAsync("silent.test", Ended));
        var other = resolver.ResolveAsync("other.test", Ended);
        answered.Set();
        await Task.WhenAll([.. busy, other]);
        Assert.Equal(2 + busy.Length + 1, lookups);
    }

    [Fact]
    public async Task Who_no_longer_waits_does_not_end_the_lookup_for_the_others()
    {
        using var answered = new ManualResetEventSlim();
        using var resolver = new SystemHostResolver(host =>
        {
            answered.Wait(Ended);
            return [IPAddress.Parse("93.184.215.14")];
        }, TimeProvider.System);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Ended);
        var first = resolver.ResolveAsync("name.test", impatient.Token);
        var second = resolver.ResolveAsync("name.test", Ended);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answered.Set();
        Assert.Single(await second);
    }

    [Fact]
    public async Task The_system_knows_its_own_name()
    {
        using var resolver = new SystemHostResolver(TimeProvider.System);
        Assert.Contains(await resolver.ResolveAsync("localhost", Ended), IPAddress.IsLoopback);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
