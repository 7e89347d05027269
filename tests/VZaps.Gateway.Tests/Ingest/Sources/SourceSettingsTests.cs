using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Ingest.Sources.SourceCalls;

namespace VZaps.Gateway.Tests.Ingest.Sources;

public sealed class SourceSettingsTests
{
    [Fact]
    public async Task A_source_is_set_changed_listed_and_deleted()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var made = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { phoneNumberId = Number, appSecret = AppSecret });
        Assert.StartsWith("vzv_", made.GetProperty("verify_token").GetString(), StringComparison.Ordinal);
        var changed = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { phone_number_id = OtherNumber });
        Assert.False(changed.TryGetProperty("verify_token", out _));
        Assert.Equal((OtherNumber, made.GetProperty("url").GetString()), (changed.GetProperty("phone_number_id").GetString(), changed.GetProperty("url").GetString()));
        // The secret stayed as it was.
        Assert.Equal(200, await gateway.PostCloudAsync(new Uri(made.GetProperty("url").GetString()!).AbsolutePath, CloudBody(TextMessage("m1", OtherNumber))));
        await gateway.SetWuzAsync(instance);
        Assert.Equal(["cloud", "wuzapi"], (await gateway.CallAsync(instance, HttpMethod.Get, "/sources")).EnumerateArray().Select(source => source.GetProperty("kind").GetString()));
        await gateway.CallAsync(instance, HttpMethod.Delete, "/sources/cloud");
        Assert.Equal((404, "source_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/sources/cloud"));
        Assert.Single(await gateway.EventsAsync(instance));
    }

    [Theory]
    [InlineData("cloud", "{}", 400, "invalid_source")]
    [InlineData("cloud", "{\"phone_number_id\":\"1\"}", 400, "invalid_source")]
    [InlineData("cloud", "{\"phone_number_id\":\"1\",\"app_secret\":\"\"}", 400, "invalid_source")]
    [InlineData("cloud", "{\"phone_number_id\":\"1\",\"app_secret\":\"x\",\"hmac_key\":\"x\"}", 400, "invalid_source")]
    [InlineData("cloud", "{\"phone_number_id\":\"1\",\"app_secret\":\"x\",\"phone_number\":\"x\"}", 400, "invalid_source")]
    [InlineData("wuzapi", "{\"hmac_key\":\"short\"}", 400, "invalid_source")]
    [InlineData("wuzapi", "{\"app_secret\":\"x\"}", 400, "invalid_source")]
    [InlineData("telegram", "{}", 400, "unknown_source_kind")]
    public async Task What_cannot_be_a_source_is_refused(string kind, string body, int status, string code)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        Assert.Equal((status, code), await gateway.RefusalAsync(await gateway.NewInstanceAsync(), HttpMethod.Post, $"/sources/{kind}", body));
    }

    [Fact]
    public async Task A_number_is_that_of_one_instance_of_an_account()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        await gateway.SetCloudAsync(await gateway.NewInstanceAsync());
        Assert.Equal(
            (409, "number_taken"),
            await gateway.RefusalAsync(await gateway.NewInstanceAsync(), HttpMethod.Post, "/sources/cloud", new { phone_number_id = Number, app_secret = AppSecret }));
    }

    [Fact]
    public async Task A_new_url_voids_the_old_one()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var old = await gateway.SetWuzAsync(instance);
        var next = new Uri((await gateway.CallAsync(instance, HttpMethod.Post, "/sources/wuzapi", new { new_url = true })).GetProperty("url").GetString()!).AbsolutePath;
        Assert.Equal(404, await gateway.PostAsync(old, Encoding.UTF8.GetBytes(WuzMessage("1")), "application/json"));
        Assert.Equal(200, await gateway.PostAsync(next, Encoding.UTF8.GetBytes(WuzMessage("1")), "application/json"));
    }

    [Fact]
    public async Task A_test_shows_the_events_of_a_payload_and_stores_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetCloudAsync(instance);
        await gateway.SetWuzAsync(instance);
        foreach (var kind in new[] { "cloud", "wuzapi" })
        {
            var sample = await gateway.CallAsync(instance, HttpMethod.Post, $"/sources/{kind}/test");
            Assert.Equal("Message", sample.GetProperty("events")[0].GetProperty("type").GetString());
        }

        var given = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/wuzapi/test", """{"type":"QR","event":"x"}""");
        Assert.Equal("QR", given.GetProperty("not_mapped")[0].GetString());
        var broken = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/wuzapi/test", "{");
        Assert.Contains("no JSON", broken.GetProperty("kept")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(await gateway.EventsAsync(instance));
        Assert.Equal(0, (await gateway.AccountAsync(instance, "wuzapi")).Received);
    }

    [Fact]
    public async Task Sources_and_their_accounts_are_there_after_a_restart_and_go_with_their_instance()
    {
        var folder = GatewayFixture.NewFolder();
        TestInstance instance;
        string path;
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            instance = await gateway.NewInstanceAsync();
            path = await gateway.SetCloudAsync(instance);
            await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1"), """{"field":"security","value":{}}""", "7"));
        }

        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1"), TextMessage("m2"))));
            var account = await gateway.AccountAsync(instance, "cloud");
            Assert.Equal((5, 2, 1, 1, 1), (account.Received, account.Published, account.Duplicates, account.Kept, account.NotMapped["security"]));
            await gateway.SendAsync(HttpMethod.Delete, $"/instances/{instance.Id}", accessToken: instance.AccessToken);
            Assert.Equal(404, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m3"))));
            // The number is free again.
            await gateway.SetCloudAsync(await gateway.NewInstanceAsync());
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_is_kept_is_listed_mapped_again_and_then_counted_as_what_it_became()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        var broken = CloudBody("7");
        for (var i = 0; i < 2; i++)
            Assert.Equal(200, await gateway.PostCloudAsync(path, broken));
        var page = await gateway.CallAsync(instance, HttpMethod.Get, "/sources/cloud/kept");
        var kept = Assert.Single(page.GetProperty("payloads").EnumerateArray());
        Assert.Contains("change", kept.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("\"changes\":[7]", kept.GetProperty("body").GetString(), StringComparison.Ordinal);
        var account = await gateway.AccountAsync(instance, "cloud");
        Assert.Equal((2, 1, 1), (account.Received, account.Kept, account.Duplicates));
        Assert.Equal(1, (await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud/kept/map")).GetProperty("still_kept").GetInt32());

        // As a mapper kept it that could not do what this one can.
        var directory = gateway.Get<SourceDirectory>();
        var source = directory.Find(InstanceId.Parse(instance.Id), "cloud")!;
        Assert.Equal(1, await gateway.Get<KeptPayloads>().KeepAsync(source, [new Unmappable("an older mapper", Encoding.UTF8.GetBytes(CloudBody(TextMessage("m1"), TextMessage("m2"))))]));
        directory.AccountOf(source).CountKept(1, 0);
        var again = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud/kept/map");
        Assert.Equal((1, 1), (again.GetProperty("mapped").GetInt32(), again.GetProperty("still_kept").GetInt32()));
        account = await gateway.AccountAsync(instance, "cloud");
        Assert.Equal((2, 1), (account.Published, account.Kept));
        Assert.Equal(2, (await gateway.EventsAsync(instance)).Length);
        Assert.Equal((404, "kept_payload_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/sources/cloud/kept/999/map"));
        Assert.Equal(1, (await gateway.CallAsync(instance, HttpMethod.Post, $"/sources/cloud/kept/{kept.GetProperty("id").GetInt64()}/map")).GetProperty("still_kept").GetInt32());
    }

    [Fact]
    public void A_kept_payload_whose_count_a_crash_took_is_counted_as_what_it_became_alone()
    {
        var account = new SourceAccount();
        account.TakeKept();
        account.Appended(published: 1, duplicates: 0);
        Assert.Equal((1, 1, 0), (account.Counts.Received, account.Counts.Published, account.Counts.Kept));
    }

    [Fact]
    public async Task What_is_kept_is_bounded_by_number_bytes_and_age()
    {
        var clock = new JumpingClock();
        await using var gateway = await GatewayFixture.StartAsync(
            settings: new(StringComparer.Ordinal) { ["Sources:KeptPerSource"] = "5", ["Sources:KeptBytesPerSource"] = "1048576" },
            configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        for (var i = 0; i < 8; i++)
            await gateway.PostCloudAsync(path, CloudBody($"{i}"));
        Assert.Equal("7 6 5 4 3", await KeptAsync());
        foreach (var i in new[] { 8, 9 })
            await gateway.PostCloudAsync(path, CloudBody($"[{i},\"{new string('x', 600_000)}\"]"));
        Assert.Equal("9", await KeptAsync());
        clock.Jump(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(1));
        instance = instance with { AccessToken = await gateway.TokenAsync() };
        Assert.True(await Eventually.HoldsAsync(async () => (await KeptAsync()).Length == 0));
        Assert.Equal(10, (await gateway.AccountAsync(instance, "cloud")).Kept);

        async Task<string> KeptAsync() => string.Join(" ", (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/cloud/kept")).GetProperty("payloads").EnumerateArray()
            .Select(payload => payload.GetProperty("body").GetString()!).Select(body => int.Parse(body[(body.IndexOf("changes\":[", StringComparison.Ordinal) + 10)..].TrimStart('[')[..1])));
    }

    [Fact]
    public async Task A_source_that_says_nothing_for_long_is_told_of_once_and_once_more_when_it_speaks()
    {
        var (clock, log) = (new JumpingClock(), new CapturedLog());
        await using var gateway = await GatewayFixture.StartAsync(
            settings: new(StringComparer.Ordinal) { ["Sources:SilentAfter"] = "00:10:00" },
            configure: builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Logging.AddProvider(log);
            });
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        Assert.False(await IsSilentAsync());
        clock.Jump(TimeSpan.FromMinutes(11));
        Assert.True(await IsSilentAsync());
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(log.Text.Contains("Nothing has come from the wuzapi source", StringComparison.Ordinal))));
        Assert.True(await Eventually.HoldsAsync(async () => (await gateway.Client.GetStringAsync("/metrics")).Split('\n').Any(line => line.StartsWith("vzaps_sources_silent", StringComparison.Ordinal) && line.Contains(" 1", StringComparison.Ordinal))));
        await gateway.PostAsync(path, Encoding.UTF8.GetBytes(WuzMessage("1")), "application/json");
        Assert.False(await IsSilentAsync());
        clock.Jump(TimeSpan.FromMinutes(1));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(log.Text.Contains("speaks again", StringComparison.Ordinal))));

        async Task<bool> IsSilentAsync() => (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi")).GetProperty("silent").GetBoolean();
    }

    [Fact]
    public async Task More_bodies_at_once_than_are_allowed_are_refused_and_come_again()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new(StringComparer.Ordinal) { ["Sources:MaxBodiesAtOnce"] = "1", ["Sources:TurnTimeout"] = "00:00:03" });
        var path = await gateway.SetWuzAsync(await gateway.NewInstanceAsync());
        var body = Encoding.UTF8.GetBytes(WuzMessage("1"));
        // Long enough that the client does not gather it before it sends.
        var held = new HeldBody([.. Enumerable.Repeat((byte)' ', 200_000), .. body]);
        using var slow = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StreamContent(held) };
        var first = gateway.Client.SendAsync(slow);
        Assert.True(await Eventually.HoldsAsync(async () => await gateway.PostAsync(path, body, "application/json") == 503));
        held.Release();
        using var answer = await first;
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.True(await Eventually.HoldsAsync(async () => await gateway.PostAsync(path, body, "application/json") == 200));
    }

    /// <summary>A body whose end is held back.</summary>
    private sealed class HeldBody(byte[] body) : Stream
    {
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public void Release() => _release.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_position == body.Length - 1)
                await _release.Task.WaitAsync(cancellationToken);
            var end = _position >= body.Length - 1 ? body.Length : body.Length - 1;
            var count = Math.Min(buffer.Length, end - _position);
            body.AsMemory(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
