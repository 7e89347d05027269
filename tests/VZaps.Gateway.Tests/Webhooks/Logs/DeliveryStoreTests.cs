using Microsoft.Data.Sqlite;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

public sealed class DeliveryStoreTests : IAsyncLifetime
{
    private DeliveryTables _tables = null!;
    private long _endpoint;

    public async ValueTask InitializeAsync()
    {
        _tables = await DeliveryTables.OpenAsync();
        _endpoint = await _tables.AddEndpointAsync();
    }

    public ValueTask DisposeAsync() => _tables.DisposeAsync();

    [Fact]
    public async Task What_was_answered_is_there_after_a_power_cut()
    {
        for (var sequence = 1; sequence <= 20; sequence++)
            await _tables.KeepAsync(_tables.Delivery(_endpoint, sequence));
        await using var after = await _tables.CopyAsync();
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), (await after.Store.ReadPendingAsync(_endpoint, default)).Select(row => row.Sequence));
        Assert.Equal(20, after.Scalar("SELECT COUNT(*) FROM webhook_attempts"));
        Assert.Equal(20, after.Scalar("SELECT COUNT(*) FROM webhook_payloads"));
    }

    [Fact]
    public async Task A_write_flushes_to_the_disk_before_it_is_answered()
    {
        using var connection = _tables.Connections.OpenWriter();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous";
        Assert.Equal(2L, command.ExecuteScalar()); // FULL
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 1));
        Assert.Equal(1, _tables.Scalar("SELECT COUNT(*) FROM webhook_deliveries"));
    }

    [Fact]
    public async Task Writes_that_gather_share_a_transaction()
    {
        var writes = Enumerable.Range(1, 400).Select(sequence => _tables.KeepAsync(_tables.Delivery(_endpoint, sequence)).AsTask());
        await Task.WhenAll(writes);
        Assert.Equal(400, _tables.Scalar("SELECT COUNT(*) FROM webhook_deliveries"));
        Assert.True(_tables.Writer.Commits < 200, $"{_tables.Writer.Commits} commits");
    }

    [Fact]
    public async Task One_that_cannot_be_kept_takes_no_other_with_it()
    {
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 7));
        var writes = Enumerable.Range(1, 20).Select(sequence => _tables.KeepAsync(_tables.Delivery(_endpoint, sequence)).AsTask()).ToList();
        await Assert.ThrowsAsync<SqliteException>(() => Task.WhenAll(writes)); // the second of sequence 7
        Assert.Equal(19, writes.Count(write => write.IsCompletedSuccessfully));
        Assert.Equal(20, _tables.Scalar("SELECT COUNT(*) FROM webhook_deliveries"));
        Assert.Equal(20, _tables.Scalar("SELECT \"Logs\" FROM webhook_log_totals"));
        Assert.Equal(20, _tables.Scalar("SELECT COUNT(*) FROM webhook_payloads"));
    }

    [Fact]
    public async Task A_delivery_that_is_written_again_is_replaced_and_keeps_all_of_its_attempts()
    {
        var delivery = _tables.Delivery(_endpoint, 1) with { Chat = "a@s.whatsapp.net", IsHeld = true, IsManual = true };
        await _tables.KeepAsync(delivery, envelopeBytes: 50);
        Assert.Equal(delivery, (await _tables.Store.FindAsync(delivery.Id, default))!.Delivery);

        var settled = delivery with
        {
            Status = DeliveryStatus.Delivered, Attempts = 2, HttpStatus = 204, NextAttemptAtMilliseconds = null,
            SettledAtMilliseconds = 5, IsHeld = false, IsManual = false,
        };
        await _tables.Store.WriteAsync(new DeliveryWrite { Delivery = settled, Attempt = _tables.Attempt(settled), Envelope = new byte[9], EndsManual = true }, default);
        var found = (await _tables.Store.FindAsync(delivery.Id, default))!;
        Assert.Equal(settled, found.Delivery);
        Assert.Equal(50, found.Envelope!.Length); // the first one stays: an event does not change
        Assert.Equal(2, _tables.Scalar("SELECT MAX(\"Number\") FROM webhook_attempts"));
        Assert.Equal(1, _tables.Scalar("SELECT \"Logs\" FROM webhook_log_totals"));
        Assert.Equal(50 + 2 * _tables.Attempt(settled).Bytes(), _tables.Scalar("SELECT \"Bytes\" FROM webhook_log_totals"));
    }

    [Fact]
    public async Task A_position_goes_with_its_delivery_and_never_back()
    {
        await _tables.Store.WriteAsync(new DeliveryWrite { Delivery = _tables.Delivery(_endpoint, 5), Position = new EndpointPosition(_endpoint, 5) }, default);
        await _tables.Store.WriteAsync(new DeliveryWrite { Position = new EndpointPosition(_endpoint, 3) }, default);
        Assert.Equal(5, _tables.Scalar("SELECT \"Position\" FROM webhook_endpoints"));

        // In one transaction: where the delivery cannot be kept, the position stays.
        await Assert.ThrowsAsync<SqliteException>(() => _tables.Store.WriteAsync(
            new DeliveryWrite { Delivery = _tables.Delivery(_endpoint, 5), Position = new EndpointPosition(_endpoint, 9) }, default).AsTask());
        Assert.Equal(5, _tables.Scalar("SELECT \"Position\" FROM webhook_endpoints"));
    }

    [Fact]
    public async Task Due_ones_come_in_the_order_of_their_time_and_not_before_it()
    {
        var start = DeliveryTables.Start;
        foreach (var (sequence, seconds) in new[] { (1, 30), (2, 10), (3, 20), (4, 10), (5, 40) })
            await _tables.KeepAsync(_tables.Delivery(_endpoint, sequence, due: start.AddSeconds(seconds)));
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 6, DeliveryStatus.Failed));
        await _tables.KeepAsync(_tables.Delivery(await _tables.AddEndpointAsync("other"), 1, due: start));

        Assert.Equal([2, 4, 3, 1], await DueAsync(start.AddSeconds(30), 10));
        Assert.Equal([2, 4], await DueAsync(start.AddSeconds(30), 2));
        Assert.Empty(await DueAsync(start.AddSeconds(9.999), 10));
        Assert.Equal(start.AddSeconds(10), await _tables.Store.NextDueAsync(_endpoint, DateTimeOffset.UnixEpoch, default));
        Assert.Equal(5, await _tables.Store.CountPendingAsync(_endpoint, default));
        Assert.All(await _tables.Store.ReadDueAsync(_endpoint, start.AddHours(1), 10, default), due => Assert.Equal(100, due.Envelope!.Length));
    }

    [Fact]
    public async Task A_manual_retry_is_found_whatever_became_of_the_delivery()
    {
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 1));
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 2, DeliveryStatus.Delivered) with { IsManual = true });
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 3, DeliveryStatus.Failed) with { IsManual = true });
        Assert.Equal([2, 3], (await _tables.Store.ReadManualAsync(_endpoint, 10, default)).Select(due => due.Delivery.Sequence));
        Assert.Null(await _tables.Store.NextDueAsync(await _tables.AddEndpointAsync("other"), DateTimeOffset.UnixEpoch, default));
    }

    [Fact]
    public async Task Cancelling_ends_the_pending_ones_of_one_endpoint_and_no_settled_one()
    {
        var other = await _tables.AddEndpointAsync("other");
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 1) with { IsHeld = true, IsManual = true });
        await _tables.KeepAsync(_tables.Delivery(_endpoint, 2, DeliveryStatus.Delivered));
        await _tables.KeepAsync(_tables.Delivery(other, 1));
        _tables.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(1, await _tables.Store.CancelPendingAsync(_endpoint, default));
        Assert.Equal(0, await _tables.Store.CountPendingAsync(_endpoint, default));
        Assert.Equal(1, await _tables.Store.CountPendingAsync(other, default));
        Assert.Empty(await _tables.Store.ReadManualAsync(_endpoint, 10, default));
        var settledAt = DeliveryTables.Start.AddSeconds(3).ToUnixTimeMilliseconds();
        Assert.Equal(1, _tables.Scalar($"SELECT COUNT(*) FROM webhook_deliveries WHERE \"Status\" = 3 AND \"IsHeld\" = 0 AND \"SettledAtMilliseconds\" = {settledAt}"));
    }

    [Fact]
    public async Task The_sequences_behind_a_position_are_those_that_have_a_delivery()
    {
        foreach (var sequence in new[] { 3, 5, 9 })
            await _tables.KeepAsync(_tables.Delivery(_endpoint, sequence));
        Assert.Equal([5, 9], (await _tables.Store.SequencesAfterAsync(_endpoint, 3, default)).Order());
        Assert.Empty(await _tables.Store.SequencesAfterAsync(_endpoint, 9, default));
    }

    [Fact]
    public async Task What_waits_is_written_before_the_store_is_closed_and_nothing_is_taken_after()
    {
        var writes = Enumerable.Range(1, 50).Select(sequence => _tables.KeepAsync(_tables.Delivery(_endpoint, sequence)).AsTask()).ToList();
        await _tables.Writer.DisposeAsync();
        Assert.Equal(50, _tables.Scalar("SELECT COUNT(*) FROM webhook_deliveries"));
        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _tables.KeepAsync(_tables.Delivery(_endpoint, 51)).AsTask());
    }

    [Fact]
    public async Task An_attempt_without_its_delivery_is_refused() => await Assert.ThrowsAsync<ArgumentException>(() =>
        _tables.Store.WriteAsync(new DeliveryWrite { Attempt = _tables.Attempt(_tables.Delivery(_endpoint, 1)) }, default).AsTask());

    private async Task<IEnumerable<long>> DueAsync(DateTimeOffset until, int most) =>
        (await _tables.Store.ReadDueAsync(_endpoint, until, most, default)).Select(due => due.Delivery.Sequence);
}
