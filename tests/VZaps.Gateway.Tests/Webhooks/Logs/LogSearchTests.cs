using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

public sealed class LogSearchTests : IAsyncLifetime
{
    private static readonly int?[] HttpStatuses = [null, 200, 404, 500];
    private DeliveryTables _tables = null!;
    private LogSearch _search = null!;

    public async ValueTask InitializeAsync()
    {
        _tables = await DeliveryTables.OpenAsync();
        _search = new LogSearch(_tables.Connections);
    }

    public async ValueTask DisposeAsync()
    {
        _search.Dispose();
        await _tables.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_filter_over_several_endpoints_finds_what_a_plain_list_does(int seed)
    {
        var random = new Random(seed);
        var (rows, names) = await FillAsync(random, logs: 600);
        foreach (var status in new DeliveryStatus?[] { null, DeliveryStatus.Pending, DeliveryStatus.Failed })
        {
            foreach (var http in HttpStatuses)
            {
                foreach (var type in new byte?[] { null, 0, 3 })
                {
                    var filter = new LogFilter { Status = status, HttpStatus = http, TypeIndex = type };
                    await RequireSameAsync(filter, rows, names, random);
                    await RequireSameAsync(filter with { Endpoint = "other" }, rows, names, random);
                    await RequireSameAsync(filter with { Sequence = random.Next(1, 100) }, rows, names, random);
                    var from = DeliveryTables.Start.AddMilliseconds(random.Next(0, 300));
                    await RequireSameAsync(filter with { From = from, To = from.AddMilliseconds(random.Next(1, 300)) }, rows, names, random);
                }
            }
        }
    }

    [Fact]
    public async Task Going_on_after_a_log_shows_each_once_and_what_comes_in_between_on_no_page()
    {
        var (rows, _) = await FillAsync(new Random(4), logs: 500);
        var (seen, after) = (new List<long>(), (long?)null);
        while (true)
        {
            var page = (await SearchAsync(new LogFilter(), new LogPlace(1, 37, after)))!;
            seen.AddRange(page.Logs.Select(log => log.Delivery.Id));
            if (!page.HasMore)
                break;
            after = seen[^1];
            _tables.Time.Advance(TimeSpan.FromMilliseconds(1));
            await _tables.KeepAsync(_tables.Delivery(rows[0].EndpointId, 10_000 + seen.Count));
        }

        Assert.Equal(rows.Select(row => row.Id).OrderDescending(), seen);
    }

    [Fact]
    public async Task A_page_by_number_counts_and_one_after_a_log_does_not()
    {
        var (rows, _) = await FillAsync(new Random(5), logs: 95);
        var last = (await SearchAsync(new LogFilter(), new LogPlace(5, 20, null)))!;
        Assert.Equal((95, 15, false), (last.Total, last.Logs.Count, last.HasMore));
        Assert.Equal(rows.Select(row => row.Id).Order().Take(15).Reverse(), last.Logs.Select(log => log.Delivery.Id));
        var beyond = (await SearchAsync(new LogFilter(), new LogPlace(int.MaxValue, 200, null)))!;
        Assert.Equal((95, 0, false), (beyond.Total, beyond.Logs.Count, beyond.HasMore));
        Assert.Null((await SearchAsync(new LogFilter(), new LogPlace(1, 20, rows.Max(row => row.Id))))!.Total);
    }

    [Fact]
    public async Task The_logs_of_a_deleted_endpoint_are_found_by_its_name_and_those_of_another_instance_never()
    {
        var deleted = await _tables.AddEndpointAsync("default", deletedAtMilliseconds: 5);
        var successor = await _tables.AddEndpointAsync("default");
        var foreign = await _tables.AddEndpointAsync("default", InstanceId.New());
        var rows = new[] { deleted, successor, foreign }.Select(endpoint => _tables.Delivery(endpoint, 1)).ToList();
        foreach (var row in rows)
            await _tables.KeepAsync(row);

        var found = (await SearchAsync(new LogFilter { Endpoint = "default" }, new LogPlace(1, 50, null)))!;
        Assert.Equal([rows[1].Id, rows[0].Id], found.Logs.Select(log => log.Delivery.Id));
        Assert.Equal([false, true], found.Logs.Select(log => log.Endpoint.IsDeleted));
        Assert.NotNull(await _search.FindAsync(_tables.Instance, rows[0].Id, default));
        Assert.Null(await _search.FindAsync(_tables.Instance, rows[2].Id, default));
        Assert.Null(await SearchAsync(new LogFilter { Endpoint = "nobody" }, new LogPlace(1, 50, null)));
    }

    [Fact]
    public async Task A_log_has_its_attempts_in_their_order()
    {
        var delivery = _tables.Delivery(await _tables.AddEndpointAsync(), 1);
        foreach (var response in new[] { "first", "second", "third" })
            await _tables.Store.WriteAsync(new DeliveryWrite { Delivery = delivery, Attempt = _tables.Attempt(delivery, response) }, default);
        var log = (await _search.FindAsync(_tables.Instance, delivery.Id, default))!;
        Assert.Equal(["first", "second", "third"], log.Attempts.Select(attempt => attempt.Response));
        Assert.Equal([1, 2, 3], log.Attempts.Select(attempt => attempt.Number));
        Assert.Equal(_tables.Attempt(delivery, "third") with { Number = 3 }, log.Attempts[2]);
    }

    [Theory]
    [InlineData(null, null, null, 1)]
    [InlineData(DeliveryStatus.Failed, null, null, EventTypeSet.TypeCount)]
    [InlineData(null, null, (byte)2, DeliveryStatuses.Count)]
    [InlineData(DeliveryStatus.Failed, null, (byte)2, 1)]
    [InlineData(null, 404, null, DeliveryStatuses.Count * EventTypeSet.TypeCount)]
    [InlineData(DeliveryStatus.Failed, 404, null, EventTypeSet.TypeCount)]
    [InlineData(null, 404, (byte)2, DeliveryStatuses.Count)]
    [InlineData(DeliveryStatus.Failed, 404, (byte)2, 1)]
    internal async Task Each_search_reads_an_index_in_its_order_and_sorts_nothing(DeliveryStatus? status, int? http, byte? type, int streams)
    {
        var endpoint = await _tables.AddEndpointAsync();
        var parts = LogStream.Split(new LogFilter { Status = status, HttpStatus = http, TypeIndex = type }, [endpoint]).ToList();
        Assert.Equal(streams, parts.Count);
        foreach (var sql in parts.SelectMany(part => new[] { LogStream.ReadSql(part), LogStream.CountSql(part) }).Distinct())
        {
            var plan = Plan(sql, parts[0]);
            // The whole index and the id too: nothing that it shows is looked at in vain.
            Assert.StartsWith("SEARCH webhook_deliveries USING COVERING INDEX", plan);
            Assert.Contains("rowid>? AND rowid<?", plan);
            Assert.Equal(http is not null, plan.Contains("HttpStatus=?", StringComparison.Ordinal));
            Assert.Equal(status is not null || http is not null || type is not null, plan.Contains("Status=? AND TypeIndex=?", StringComparison.Ordinal));
            Assert.DoesNotContain("TEMP B-TREE", plan);
        }
    }

    private string Plan(string sql, LogStream.Parts parts)
    {
        using var connection = _tables.Connections.OpenReader();
        using var command = LogStream.Command(connection, "EXPLAIN QUERY PLAN " + sql, parts, 0, long.MaxValue);
        if (sql.Contains("$most", StringComparison.Ordinal))
            command.Parameters.AddWithValue("$most", 50);
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
            steps.Add(reader.GetString(3));
        return string.Join('\n', steps);
    }

    private async Task RequireSameAsync(LogFilter filter, List<DeliveryRow> rows, Dictionary<long, string> names, Random random)
    {
        var expected = rows.Where(row => filter.Matches(row) && (filter.Endpoint is null || names[row.EndpointId] == filter.Endpoint))
            .Select(row => row.Id).OrderDescending().ToList();
        var (size, page) = (random.Next(1, 60), random.Next(1, 5));
        var found = (await SearchAsync(filter, new LogPlace(page, size, null)))!;
        Assert.Equal(expected.Skip((page - 1) * size).Take(size), found.Logs.Select(log => log.Delivery.Id));
        Assert.Equal((expected.Count, expected.Count > page * size), (found.Total, found.HasMore));

        var after = rows[random.Next(rows.Count)].Id;
        var next = (await SearchAsync(filter, new LogPlace(1, size, after)))!;
        Assert.Equal(expected.Where(id => id < after).Take(size), next.Logs.Select(log => log.Delivery.Id));
        Assert.Equal(expected.Count(id => id < after) > size, next.HasMore);
    }

    private Task<FoundLogs?> SearchAsync(LogFilter filter, LogPlace place) => _search.SearchAsync(_tables.Instance, filter, place, default);

    private async Task<(List<DeliveryRow> Rows, Dictionary<long, string> Names)> FillAsync(Random random, int logs)
    {
        var names = new Dictionary<long, string>
        {
            [await _tables.AddEndpointAsync()] = "default",
            [await _tables.AddEndpointAsync("other")] = "other",
            [await _tables.AddEndpointAsync("other", deletedAtMilliseconds: 1)] = "other",
        };
        var (rows, endpoints) = (new List<DeliveryRow>(), names.Keys.ToList());
        for (var sequence = 1; sequence <= logs; sequence++)
        {
            if (random.Next(3) > 0)
                _tables.Time.Advance(TimeSpan.FromMilliseconds(1));
            rows.Add(_tables.Delivery(endpoints[random.Next(endpoints.Count)], sequence, (DeliveryStatus)random.Next(DeliveryStatuses.Count)) with
            {
                HttpStatus = HttpStatuses[random.Next(HttpStatuses.Length)], TypeIndex = (byte)random.Next(EventTypeSet.TypeCount),
            });
        }

        await Task.WhenAll(rows.Select(row => _tables.KeepAsync(row).AsTask()));
        return (rows, names);
    }
}
