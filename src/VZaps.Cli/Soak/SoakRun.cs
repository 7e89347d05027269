namespace VZaps.Cli.Soak;

/// <summary>
/// One soak: publishers, consumers and kills until there was enough of each; then peace, the wait until every consumer has what was accepted, and
/// the account.
/// </summary>
internal sealed class SoakRun(SoakOptions options, SoakScreen screen, TimeProvider time)
{
    /// <summary>How long nothing may arrive at all before what is missing counts as lost.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly long _started = time.GetTimestamp();
    private volatile int _kills;

    /// <summary>Runs it all.</summary>
    /// <param name="stopping">Begins the end early; the account is made all the same.</param>
    /// <exception cref="VZapsException">The gateway refused something, or ended a subscription for good.</exception>
    /// <exception cref="IOException">The gateway did not come up again.</exception>
    public async Task<SoakAccount> RunAsync(CancellationToken stopping)
    {
        using var folder = new TemporaryFolder("vzaps-soak-");
        await using var gateway = new GatewayChild(folder.Path);
        await gateway.StartAsync(stopping);
        using var dropped = new RedeliveryMeter();
        await using var setup = new SoakSetup(gateway, options);
        await setup.BeginAsync(options.Instances, stopping);
        screen.Begin(options, gateway.Address);

        var repeats = await StormAsync(gateway, setup, stopping);
        setup.Calm();
        await CatchUpAsync(setup);
        await setup.CloseSubscribersAsync();
        return await AccountAsync(setup, repeats, dropped.Count);
    }

    private async Task<long> StormAsync(GatewayChild gateway, SoakSetup setup, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var givingUp = new CancellationTokenSource();
        var publishers = Enumerable.Range(1, options.Publishers)
            .Select(i => new SoakPublisher(setup.Events, setup.Instances, options.Rate / options.Publishers, new Random(options.Seed + i)))
            .ToList();
        var publishing = publishers.ConvertAll(publisher => Task.Run(() => publisher.RunAsync(ending.Token, givingUp.Token), CancellationToken.None));
        var killing = KillAsync(gateway, ending.Token);
        try
        {
            await UntilEnoughAsync(setup, [killing, .. publishing, .. setup.Subscribers.Select(subscriber => subscriber.Ended)], ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
            // The gateway first: it comes up again, and the last answers come.
            await killing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            givingUp.CancelAfter(AnswerLimit);
            await Task.WhenAll(publishing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await killing;
        return publishers.Sum(publisher => publisher.Repeats);
    }

    /// <summary>Completes when there was enough of everything; throws what one of the parts died of.</summary>
    private async Task UntilEnoughAsync(SoakSetup setup, Task[] parts, CancellationToken stopping)
    {
        var (anyEnd, reported) = (Task.WhenAny(parts), TimeSpan.Zero);
        while (!stopping.IsCancellationRequested)
        {
            if (await Task.WhenAny(anyEnd, Task.Delay(Glance, time, stopping)) == anyEnd)
            {
                await await anyEnd;
                return;
            }

            var elapsed = time.GetElapsedTime(_started);
            if (elapsed >= options.Length && _kills >= options.Kills && setup.Proxy.Cuts >= options.Cuts && AcceptedOf(setup) >= options.Events)
                return;
            if (elapsed - reported < ReportEvery)
                continue;
            reported = elapsed;
            Report(setup, elapsed);
        }
    }

    private async Task KillAsync(GatewayChild gateway, CancellationToken ending)
    {
        var schedule = new KillSchedule(options.KillEvery, new Random(options.Seed));
        while (true)
        {
            // One that was slow to come up gets to work before it is killed again: on a busy machine nothing would ever be delivered.
            var wait = schedule.Next() - time.GetElapsedTime(_started);
            while (wait < options.KillEvery / 2)
                wait = schedule.Next() - time.GetElapsedTime(_started);
            await Task.Delay(wait, time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ending.IsCancellationRequested)
                return;
            await gateway.KillAsync();
            _kills++;
            // Also when the end has come meanwhile: the rest needs a gateway.
            await gateway.StartAsync(CancellationToken.None);
        }
    }

    private async Task CatchUpAsync(SoakSetup setup)
    {
        var (delivered, moved) = (-1L, time.GetTimestamp());
        while (setup.Subscribers.Exists(subscriber => subscriber.Ledger.Missing(0).Count > 0))
        {
            var now = setup.Subscribers.Sum(subscriber => subscriber.Ledger.Delivered.Count);
            if (now > delivered)
                (delivered, moved) = (now, time.GetTimestamp());
            else if (time.GetElapsedTime(moved) > Stall)
                return;
            screen.CatchingUp(setup.Subscribers.Max(subscriber => subscriber.Ledger.Missing(0).Count));
            await Task.Delay(Glance, time, CancellationToken.None);
        }
    }

    private async Task<SoakAccount> AccountAsync(SoakSetup setup, long repeats, long dropped)
    {
        var consumers = new List<ConsumerAccount>();
        foreach (var subscriber in setup.Subscribers)
            consumers.Add(ConsumerAccount.Of(subscriber.Ledger, await setup.CountDeadAsync(subscriber.Ledger, CancellationToken.None)));
        return new SoakAccount(
            consumers,
            AcceptedOf(setup),
            setup.Instances.Sum(instance => instance.Ledger.StoredTwice),
            setup.Instances.Sum(instance => instance.Ledger.Claimed) - AcceptedOf(setup),
            repeats,
            dropped,
            _kills,
            setup.Proxy.Cuts,
            time.GetElapsedTime(_started));
    }

    private void Report(SoakSetup setup, TimeSpan elapsed) => screen.Progress(
        elapsed, AcceptedOf(setup), setup.Subscribers.Max(subscriber => subscriber.Ledger.Missing(0).Count), _kills, setup.Proxy.Cuts);

    private static long AcceptedOf(SoakSetup setup) => setup.Instances.Sum(instance => instance.Ledger.Accepted.Count);
}
