using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VZaps.Client.Hosting.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task A_subscription_that_keeps_up_is_healthy()
    {
        await using var host = NewHost();
        await host.StartAsync();
        await UntilAsync(host, HealthStatus.Healthy);
        Assert.Equal(0L, (await CheckAsync(host)).Data["shop.lag"]);
    }

    [Fact]
    public async Task One_whose_socket_is_open_and_whose_handler_is_stuck_is_degraded()
    {
        await using var host = NewHost(values => values["VZaps:Subscriptions:shop:MaxLagEvents"] = "2");
        host.Seen.Hold = new TaskCompletionSource();
        await host.StartAsync();
        for (var i = 0; i < 3; i++)
            host.Gateway.PublishText(TestHost.Chat, "x");
        await UntilAsync(host, HealthStatus.Degraded);
        Assert.Contains("3 events behind, more than 2 (MaxLagEvents)", (await CheckAsync(host)).Description, StringComparison.Ordinal);
        host.Seen.Hold.SetResult();
        await UntilAsync(host, HealthStatus.Healthy);
    }

    [Fact]
    public async Task One_that_is_behind_for_long_is_degraded_however_few_the_events()
    {
        await using var host = NewHost(values => values["VZaps:Subscriptions:shop:MaxLagTime"] = "00:00:00");
        host.Seen.Hold = new TaskCompletionSource();
        await host.StartAsync();
        host.Gateway.PublishText(TestHost.Chat, "x");
        await UntilAsync(host, HealthStatus.Degraded);
        Assert.Contains("(MaxLagTime)", (await CheckAsync(host)).Description, StringComparison.Ordinal);
        host.Seen.Hold.SetResult();
    }

    [Fact]
    public async Task One_without_a_connection_is_unhealthy()
    {
        await using var host = NewHost();
        await host.StartAsync();
        for (var i = 0; i < 10; i++)
            host.Gateway.RefuseNextConnection(503, TimeSpan.FromMinutes(1));
        host.Gateway.Cut();
        await UntilAsync(host, HealthStatus.Unhealthy);
        Assert.Equal("shop: not connected", (await CheckAsync(host)).Description);
    }

    [Fact]
    public async Task One_that_ended_for_good_is_unhealthy_and_says_why()
    {
        await using var host = NewHost();
        await host.StartAsync();
        host.Gateway.Close(4004, "deleted");
        await TestHost.UntilAsync(async () => (await CheckAsync(host)).Description!.StartsWith("shop: ended", StringComparison.Ordinal), "it has ended");
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
    }

    [Fact]
    public async Task One_that_ended_by_an_exception_of_the_users_code_says_so()
    {
        using var started = new ManualResetEventSlim();
        await using var host = new TestHost(vzaps => vzaps.AddEventHandler<Stuck>("shop").ConfigureSubscription("shop", options => options.Customize = _ =>
        {
            started.Wait(TestHost.Limit);
            throw new InvalidOperationException("no such policy");
        }));
        await host.StartAloneAsync();
        started.Set();
        await TestHost.UntilAsync(async () => (await CheckAsync(host)).Description == "shop: ended: no such policy", "it has ended");
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
    }

    [Theory]
    [InlineData("[]", "shop-bot", HealthStatus.Degraded)]
    [InlineData("""[{"name":"shop-bot"}]""", "shop-bot", HealthStatus.Degraded)]
    [InlineData("[]", "ephemeral", HealthStatus.Healthy)]
    public async Task One_whose_consumer_has_no_lag_is_degraded_unless_it_keeps_no_position(string answer, string consumer, HealthStatus status)
    {
        await using var host = NewHost(values => values["VZaps:Consumer"] = consumer);
        host.Gateway.OnRequest = _ => new HttpResponseMessage { Content = new StringContent(answer, System.Text.Encoding.UTF8, "application/json") };
        await host.StartAsync();
        await TestHost.UntilAsync(async () => (await CheckAsync(host)).Description!.StartsWith("shop: connected", StringComparison.Ordinal), "it is connected");
        Assert.Equal(status, (await CheckAsync(host)).Status);
    }

    [Fact]
    public async Task One_whose_gateway_does_not_tell_the_lag_is_degraded_as_nobody_knows()
    {
        await using var host = NewHost();
        await host.StartAsync();
        host.Gateway.OnRequest = _ => new HttpResponseMessage(System.Net.HttpStatusCode.NotFound);
        await UntilAsync(host, HealthStatus.Degraded);
        Assert.Contains("its lag is not known", (await CheckAsync(host)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_whose_gateway_does_not_answer_is_degraded_within_the_checks_own_bound()
    {
        await using var host = NewHost(values => values["VZaps:Subscriptions:shop:HealthTimeout"] = "00:00:00.1");
        await host.StartAsync();
        host.Gateway.OnRequest = _ => new HttpResponseMessage { Content = new EndlessContent() };
        await UntilAsync(host, HealthStatus.Degraded);
        Assert.Contains("did not tell within 00:00:00.1000000 (HealthTimeout)", (await CheckAsync(host).WaitAsync(TestHost.Limit)).Description, StringComparison.Ordinal);
    }

    private static TestHost NewHost(Action<Dictionary<string, string?>>? configuration = null) =>
        new(vzaps => vzaps.AddEventHandler<Stuck>("shop"), configuration);

    private static async Task<HealthReportEntry> CheckAsync(TestHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["vzaps"];

    private static Task UntilAsync(TestHost host, HealthStatus status) =>
        TestHost.UntilAsync(async () => (await CheckAsync(host)).Status == status, $"the subscription is {status}");

    private sealed class Stuck(Seen seen) : IEventHandler
    {
        public Task HandleAsync(EventContext context) => seen.Hold?.Task ?? Task.CompletedTask;
    }

    private sealed class EndlessContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => Task.Delay(Timeout.Infinite);

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
