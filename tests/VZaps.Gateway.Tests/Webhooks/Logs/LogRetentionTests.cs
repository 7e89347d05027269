using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

public sealed class LogRetentionTests : IAsyncLifetime
{
    private static readonly LogLimits NoLimit = new(TimeSpan.FromDays(3_650), long.MaxValue, long.MaxValue);
    private DeliveryTables _tables = null!;
    private long _endpoint;

    public async ValueTask InitializeAsync()
    {
        _tables = await DeliveryTables.OpenAsync();
        _endpoint = await _tables.AddEndpointAsync();
    }

    public ValueTask DisposeAsync() => _tables.DisposeAsync();

    [Fact]
    public async Task A_log_goes_when_it_has_its_age_and_not_before()
    {
        await KeepAsync(1, 3, DeliveryStatus.Delivered);
        _tables.Time.Advance(TimeSpan.FromHours(1));
        await KeepAsync(4, 2, DeliveryStatus.Failed);
        _tables.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        var limits = NoLimit with { Age = TimeSpan.FromHours(2) };
        Assert.Equal(default, await TrimAsync(limits));
        _tables.Time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(3, (await TrimAsync(limits)).ByAge);
        Assert.Equal([4, 5], Sequences());
        RequireTotals();
    }

    [Fact]
    public async Task More_logs_than_one_instance_may_have_go_the_oldest_of_all_its_endpoints_first()
    {
        var other = await _tables.AddEndpointAsync("other");
        var foreign = await _tables.AddEndpointAsync("default", InstanceId.New());
        for (var sequence = 1; sequence <= 450; sequence++)
            await _tables.KeepAsync(_tables.Delivery(sequence % 2 == 0 ? _endpoint : other, sequence, DeliveryStatus.Delivered));
        await _tables.KeepAsync(_tables.Delivery(foreign, 1, DeliveryStatus.Delivered));

        Assert.Equal(440, (await TrimAsync(NoLimit with { CountPerInstance = 10 })).ByCount);
        Assert.Equal([1, .. Enumerable.Range(441, 10).Select(n => (long)n)], Sequences());
        RequireTotals();
    }

    [Fact]
    public async Task Over_the_bytes_the_oldest_payloads_go_first_and_whole_logs_only_when_that_is_not_enough()
    {
        for (var sequence = 1; sequence <= 300; sequence++)
            await _tables.KeepAsync(_tables.Delivery(_endpoint, sequence, DeliveryStatus.Delivered), envelopeBytes: 1_000);
        var attempts = _tables.Scalar("SELECT \"Bytes\" FROM webhook_log_totals") - 300_000;

        var removed = await TrimAsync(NoLimit with { Bytes = attempts + 50_000 });
        Assert.Equal((0, 400_000 > removed.PayloadBytes && removed.PayloadBytes >= 250_000), (removed.ByBytes, true));
        Assert.Equal(300, _tables.Scalar("SELECT COUNT(*) FROM webhook_deliveries"));
        Assert.Equal(0, _tables.Scalar("SELECT COUNT(*) FROM webhook_payloads p JOIN webhook_deliveries d ON d.\"Id\" = p.\"DeliveryId\" WHERE d.\"Sequence\" <= 200"));
        RequireTotals();

        var second = await TrimAsync(NoLimit with { Bytes = attempts / 2 });
        Assert.InRange(second.ByBytes, 150, 299);
        Assert.InRange(_tables.Scalar("SELECT \"Bytes\" FROM webhook_log_totals"), 0, attempts / 2);
        Assert.Equal(300, Sequences()[^1]);
        RequireTotals();
    }

    [Fact]
    public async Task What_is_pending_or_asked_for_again_stays_and_says_when_it_is_too_much()
    {
        await KeepAsync(1, 5, DeliveryStatus.Pending);
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 6, DeliveryStatus.Failed) with { IsManual = true });
        await KeepAsync(7, 5, DeliveryStatus.Cancelled);
        _tables.Time.Advance(TimeSpan.FromDays(1));

        var retention = Retention(new LogLimits(TimeSpan.FromHours(1), 0, 0));
        await retention.TrimAsync(_ => true, default);
        Assert.Equal([1, 2, 3, 4, 5, 6], Sequences());
        Assert.Equal(6, _tables.Scalar("SELECT COUNT(*) FROM webhook_payloads"));
        Assert.True(retention.IsFull);
        Assert.Equal(_tables.Scalar("SELECT \"Bytes\" FROM webhook_log_totals"), retention.Bytes);

        await _tables.Store.CancelPendingAsync(_endpoint, default);
        await retention.TrimAsync(_ => true, default);
        Assert.Equal([6], Sequences());
        RequireTotals();
    }

    [Fact]
    public async Task The_logs_of_an_instance_that_is_gone_go_whatever_became_of_them_and_its_endpoints_with_them()
    {
        var foreign = await _tables.AddEndpointAsync("default", InstanceId.New());
        await KeepAsync(1, 250, DeliveryStatus.Pending);
        await _tables.KeepAsync(_tables.Delivery(foreign, 1, DeliveryStatus.Delivered));

        var removed = await Retention(NoLimit).TrimAsync(instance => instance != _tables.Instance.Value, default);
        Assert.Equal(250, removed.OfDeleted);
        Assert.Equal(foreign, _tables.Scalar("SELECT \"Id\" FROM webhook_endpoints"));
        Assert.Equal(1, _tables.Scalar("SELECT COUNT(*) FROM webhook_attempts"));
        Assert.Equal(1, _tables.Scalar("SELECT COUNT(*) FROM webhook_payloads"));

        // One that was under way and came after.
        await KeepAsync(900, 1, DeliveryStatus.Delivered);
        Assert.Equal(1, (await TrimAsync(NoLimit)).OfDeleted);
        RequireTotals();
    }

    [Fact]
    public async Task A_deleted_endpoint_goes_with_its_last_log_and_only_so_many_are_kept()
    {
        var empty = await _tables.AddEndpointAsync("gone", deletedAtMilliseconds: 1);
        await TrimAsync(NoLimit);
        Assert.Equal(0, _tables.Scalar($"SELECT COUNT(*) FROM webhook_endpoints WHERE \"Id\" = {empty}"));

        for (var n = 1; n <= LogRetention.MaxDeletedEndpoints + 1; n++)
        {
            var deleted = await _tables.AddEndpointAsync("gone", deletedAtMilliseconds: n);
            await _tables.KeepAsync(_tables.Delivery(deleted, n, DeliveryStatus.Cancelled));
        }

        Assert.Equal(1, (await TrimAsync(NoLimit)).OfDeleted);
        Assert.Equal(2, Sequences()[0]);
        Assert.Equal(LogRetention.MaxDeletedEndpoints, _tables.Scalar("SELECT COUNT(*) FROM webhook_endpoints WHERE \"DeletedAtMilliseconds\" > 0"));
    }

    private LogRetention Retention(LogLimits limits) => new(new RetentionRows(_tables.Connections), _tables.Writer, limits, _tables.Time);

    private Task<LogsRemoved> TrimAsync(LogLimits limits) => Retention(limits).TrimAsync(_ => true, default);

    private async Task KeepAsync(int first, int count, DeliveryStatus status) => await Task.WhenAll(
        Enumerable.Range(first, count).Select(sequence => _tables.KeepAsync(_tables.Delivery(_endpoint, sequence, status)).AsTask()));

    private List<long> Sequences()
    {
        using var connection = _tables.Connections.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT \"Sequence\" FROM webhook_deliveries ORDER BY \"Sequence\"";
        using var reader = command.ExecuteReader();
        var sequences = new List<long>();
        while (reader.Read())
            sequences.Add(reader.GetInt64(0));
        return sequences;
    }

    /// <summary>What is kept with each write is what a count would find.</summary>
    private void RequireTotals()
    {
        Assert.Equal(_tables.Scalar("SELECT COUNT(*) FROM webhook_deliveries"), _tables.Scalar("SELECT COALESCE(SUM(\"Logs\"), 0) FROM webhook_log_totals"));
        Assert.Equal(_tables.Scalar("SELECT COALESCE(SUM(\"Bytes\"), 0) FROM webhook_deliveries"), _tables.Scalar("SELECT COALESCE(SUM(\"Bytes\"), 0) FROM webhook_log_totals"));
        var payloads = _tables.Scalar("SELECT COALESCE(SUM(length(\"Envelope\")), 0) FROM webhook_payloads");
        var attempts = _tables.Scalar("""SELECT COALESCE(SUM(64 + length("Url") + length("RequestHeaders") + length("Response")), 0) FROM webhook_attempts""");
        Assert.Equal(payloads + attempts, _tables.Scalar("SELECT COALESCE(SUM(\"Bytes\"), 0) FROM webhook_deliveries"));
    }
}

public sealed class LogRetentionOptionTests
{
    [Fact]
    public void A_limit_out_of_its_range_stops_the_start_by_its_name()
    {
        var (tooLittle, tooMuch) = (TimeSpan.FromSeconds(59), TimeSpan.FromDays(3_651));
        Require(new WebhookOptions { LogRetentionAge = tooLittle }, "Webhooks:LogRetentionAge is '00:00:59'; give 00:01:00 to 3650.00:00:00.");
        Require(new WebhookOptions { LogRetentionAge = tooMuch }, "Webhooks:LogRetentionAge is '3651.00:00:00'; give 00:01:00 to 3650.00:00:00.");
        Require(new WebhookOptions { LogRetentionCount = 0 }, "Webhooks:LogRetentionCount is '0'; give 1 to 1000000000.");
        Require(new WebhookOptions { LogRetentionBytes = 1_048_575 }, "Webhooks:LogRetentionBytes is '1048575'; give 1048576 and up.");
    }

    [Fact]
    public void The_defaults_are_thirty_days_a_million_logs_and_four_gibibytes()
    {
        var options = new WebhookOptions();
        Assert.Equal((TimeSpan.FromDays(30), 1_000_000, 4_294_967_296), (options.LogRetentionAge, options.LogRetentionCount, options.LogRetentionBytes));
        Assert.True(new WebhookOptionsValidator().Validate(null, options).Succeeded);
    }

    private static void Require(WebhookOptions options, string mistake) =>
        Assert.Equal([mistake], new WebhookOptionsValidator().Validate(null, options).Failures);
}
