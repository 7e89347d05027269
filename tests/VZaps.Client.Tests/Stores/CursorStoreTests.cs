using System.Collections.Concurrent;
using VZaps.Client.Tests.Ways;

namespace VZaps.Client.Tests.Stores;

public sealed class CursorStoreTests : IDisposable
{
    private static readonly CursorKey Key = new(ScriptedServer.InstanceId, "default");
    private readonly string _folder = Directory.CreateTempSubdirectory("vzaps-cursors").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task A_program_that_starts_again_resumes_after_what_it_had_handled(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var request = ScriptedServer.Request with { CursorStore = new FileCursorStore(_folder) };
        await using (await way.BeginAsync(client, request, (_, _) => Task.CompletedTask))
        {
            var first = await server.AcceptAsync();
            Assert.Null(first.Handshake.Cursor);
            await first.SendEventAsync(1);
            await first.SendEventAsync(2);
            await Wait.UntilAsync(() => first.Acks.Count == 2, "acks");
        }

        await using var again = await way.BeginAsync(client, request, (_, _) => Task.CompletedTask);
        Assert.Equal(Envelopes.Id(2), (await server.AcceptAsync()).Handshake.Cursor);
    }

    [Fact]
    public async Task What_is_in_hand_is_not_passed_and_the_mark_is_saved_while_running()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var store = new InMemoryCursorStore();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { CursorStore = store, MaxConcurrency = 3 });
        string? Saved() => store.LoadAsync(Key, default).AsTask().Result;
        var release = new TaskCompletionSource();
        subscription.On(EventType.All, e => e.Id == Envelopes.Id(2) ? release.Task : Task.CompletedTask);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        for (var number = 1; number <= 3; number++)
            await connection.SendEventAsync(number, data: Envelopes.InChat($"chat {number}"));
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
        await Wait.UntilAsync(() => Saved() is not null, "the first save");
        Assert.Equal(Envelopes.Id(1), await store.LoadAsync(Key, default));
        release.SetResult();
        await Wait.UntilAsync(() => Saved() == Envelopes.Id(3), "the second save");
    }

    [Fact]
    public async Task A_cursor_of_the_request_wins_and_a_store_that_throws_costs_nothing_but_a_report()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        var store = new BrokenStore();
        await Assert.ThrowsAsync<IOException>(() => client.Events.SubscribeAsync(ScriptedServer.Request with { CursorStore = store }));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { CursorStore = store, LastEventId = Envelopes.Id(7) });
        var errors = new ConcurrentQueue<VZapsException>();
        subscription.On(EventType.All, _ => { }).OnError(errors.Enqueue);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        Assert.Equal(Envelopes.Id(7), connection.Handshake.Cursor);
        await connection.SendEventAsync(8);
        await Wait.UntilAsync(() => errors.Count >= 2, "two reports of two saves");
        Assert.Equal([Envelopes.Id(8)], connection.Acks);
        Assert.All(errors, error => Assert.Contains("full", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_is_replaced_as_a_whole_and_each_position_has_its_own_whatever_its_name()
    {
        var store = new FileCursorStore(Path.Combine(_folder, "new"));
        var strange = new CursorKey("../../VZ:1/2", "default");
        Assert.Null(await store.LoadAsync(Key, default));
        await store.SaveAsync(Key, Envelopes.Id(1), default);
        await store.SaveAsync(Key, Envelopes.Id(2), default);
        await store.SaveAsync(strange, Envelopes.Id(3), default);
        Assert.Equal(Envelopes.Id(2), await store.LoadAsync(Key, default));
        Assert.Equal(Envelopes.Id(3), await store.LoadAsync(strange, default));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder, "new")).Length);
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_save_that_a_crash_cut_short_leaves_the_old_position()
    {
        var store = new FileCursorStore(_folder);
        await store.SaveAsync(Key, Envelopes.Id(1), default);
        await File.WriteAllTextAsync(Directory.GetFiles(_folder).Single() + ".next", "evt_ha");
        Assert.Equal(Envelopes.Id(1), await new FileCursorStore(_folder).LoadAsync(Key, default));
        await store.SaveAsync(Key, Envelopes.Id(2), default);
        Assert.Equal(Envelopes.Id(2), await store.LoadAsync(Key, default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_beside_a_named_consumer_is_refused_with_what_to_do(bool pulls)
    {
        await using var client = ScriptedServer.NewClientAt(new Uri("http://localhost:1"));
        var request = ScriptedServer.Request with { CursorStore = new InMemoryCursorStore(), Consumer = "reports" };
        var refused = pulls
            ? Assert.Throws<ArgumentException>(() => client.Events.StreamAsync(request))
            : await Assert.ThrowsAsync<ArgumentException>(() => client.Events.SubscribeAsync(request));
        Assert.Contains("'reports'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("CursorStore", refused.Message, StringComparison.Ordinal);
        await using var inPath = ScriptedServer.NewClientAt(new Uri("http://localhost:1/consumers/reports"));
        Assert.Throws<ArgumentException>(() => inPath.Events.StreamAsync(request with { Consumer = null }));
    }

    [Theory]
    [InlineData(null, true, 1)]
    [InlineData(null, false, 0)]
    [InlineData("ephemeral", true, 0)]
    public async Task A_store_beside_a_position_that_the_server_turns_out_to_keep_is_warned_of(string? consumer, bool isExtended, int warnings)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = isExtended;
        using var log = new CapturedLog();
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { CursorStore = new InMemoryCursorStore(), Consumer = consumer });
        Assert.Equal(warnings, log.Count(1118));
    }

    [Fact]
    public async Task Positions_whose_names_differ_in_case_alone_or_are_long_have_files_of_their_own()
    {
        var store = new FileCursorStore(_folder);
        CursorKey[] keys =
        [
            new("VZa", "default"), new("VZA", "default"), new("VZA.b", "c"), new("VZA", "b.c"),
            new(new string('\u00e9', 200), "default"), new(new string('\u00e9', 200) + "x", "default"), new("con", "default"),
        ];
        for (var i = 0; i < keys.Length; i++)
            await store.SaveAsync(keys[i], Envelopes.Id(i), default);
        for (var i = 0; i < keys.Length; i++)
            Assert.Equal(Envelopes.Id(i), await store.LoadAsync(keys[i], default));
        // As a disk that ignores case has them.
        Assert.Equal(keys.Length, Directory.GetFiles(_folder).Select(file => Path.GetFileName(file).ToUpperInvariant()).Distinct().Count());
        Assert.All(Directory.GetFiles(_folder), file => Assert.InRange(Path.GetFileName(file).Length, 1, 200));
    }

    private sealed class BrokenStore : ICursorStore
    {
        public ValueTask<string?> LoadAsync(CursorKey key, CancellationToken cancellationToken) => throw new IOException("the disk is full");

        public ValueTask SaveAsync(CursorKey key, string eventId, CancellationToken cancellationToken) => throw new IOException("the disk is full");
    }
}
