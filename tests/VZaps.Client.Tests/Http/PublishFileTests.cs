using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Http;

/// <summary>Events that are published with a file.</summary>
public sealed class PublishFileTests
{
    private const string Published = """{"code":202,"success":true,"data":{"ids":["evt_1"],"duplicates":[]}}""";
    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(new string('x', 200_000));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_event_and_the_file_are_the_two_parts_of_a_form(bool canSeek)
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server);
        await using var client = server.NewClient();
        using var content = new OneWay(Bytes, canSeek);
        var result = await client.Events.PublishAsync(NewRequest(content, "orçamento.pdf")).OrFailAsync();
        Assert.Equal(["evt_1"], result.Ids);
        var form = Assert.Single(seen);
        Assert.Equal(("/instances/VZ1/events", "its-token"), (form.Path, form.InstanceToken));
        Assert.Equal("""{"type":"Message","data":{"n":1},"idempotency_key":"k"}""", form.Event);
        Assert.Equal((Bytes.Length, "application/pdf", "orçamento.pdf"), (form.File!.Length, form.MimeType, form.FileName));
        Assert.False(content.IsDisposed);
    }

    [Fact]
    public async Task A_stream_is_read_from_where_it_stands_and_need_have_no_name()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server);
        await using var client = server.NewClient();
        using var content = new MemoryStream(Bytes) { Position = 199_990 };
        await client.Events.PublishAsync(NewRequest(content, name: null)).OrFailAsync();
        Assert.Equal((10, null), (Assert.Single(seen).File!.Length, seen.Single().FileName));
    }

    [Fact]
    public async Task After_a_401_a_stream_that_can_seek_is_sent_again_from_its_beginning()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server, refusals: 1);
        await using var client = server.NewClient();
        using var content = new MemoryStream(Bytes) { Position = 5 };
        await client.Events.PublishAsync(NewRequest(content) with { InstanceToken = null }).OrFailAsync();
        Assert.Equal(["Bearer jwt-1", "Bearer jwt-2"], seen.Select(form => form.Authorization));
        Assert.Equal(Bytes.Length - 5, seen.Last().File!.Length);
    }

    [Fact]
    public async Task One_that_cannot_seek_is_not_and_the_next_call_has_a_new_token()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server, refusals: 1);
        await using var client = server.NewClient();
        using var first = new OneWay(Bytes, canSeek: false);
        using var second = new OneWay(Bytes, canSeek: false);
        await Assert.ThrowsAsync<VZapsAuthenticationException>(() => client.Events.PublishAsync(NewRequest(first) with { InstanceToken = null }).OrFailAsync());
        Assert.Single(seen);
        await client.Events.PublishAsync(NewRequest(second) with { InstanceToken = null }).OrFailAsync();
        Assert.Equal(["Bearer jwt-1", "Bearer jwt-2"], seen.Select(form => form.Authorization));
    }

    [Fact]
    public async Task A_429_is_waited_out_only_where_the_file_can_be_sent_again()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server, refusals: 2, status: 429);
        await using var client = server.NewClient();
        using var oneWay = new OneWay(Bytes, canSeek: false);
        await Assert.ThrowsAsync<VZapsRateLimitException>(() => client.Events.PublishAsync(NewRequest(oneWay)).OrFailAsync());
        await client.Events.PublishAsync(NewRequest(new MemoryStream(Bytes))).OrFailAsync();
        Assert.Equal([null, null, Bytes.Length], seen.Select(form => form.File?.Length));
    }

    [Fact]
    public async Task A_file_may_take_longer_than_the_RequestTimeout_as_long_as_it_goes_on()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server);
        await using var client = server.NewClient(options => options.TimeProvider = time);
        // Three reads and the end: 80 s, where 30 s are allowed.
        using var content = new OneWay(Bytes, canSeek: true) { BeforeRead = _ => time.Advance(TimeSpan.FromSeconds(20)) };
        await client.Events.PublishAsync(NewRequest(content)).OrFailAsync();
        Assert.Equal(Bytes.Length, Assert.Single(seen).File!.Length);
    }

    [Fact]
    public async Task One_that_does_not_go_on_is_given_up_after_the_RequestTimeout()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        Take(server);
        await using var client = server.NewClient(options => options.TimeProvider = time);
        using var content = new OneWay(Bytes, canSeek: true)
        {
            BeforeRead = read =>
            {
                if (read == 2)
                    time.Advance(TimeSpan.FromSeconds(31));
            },
        };
        await Assert.ThrowsAsync<VZapsTimeoutException>(() => client.Events.PublishAsync(NewRequest(content)).OrFailAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_said_to_be_that()
    {
        await using var server = await ScriptedServer.StartAsync();
        Take(server);
        await using var client = server.NewClient();
        using var content = new OneWay(Bytes, canSeek: true) { BeforeRead = read => _ = read == 2 ? throw new IOException("bad sector") : 0 };
        var broken = await Assert.ThrowsAsync<VZapsException>(() => client.Events.PublishAsync(NewRequest(content)).OrFailAsync());
        Assert.Equal("The file to publish could not be read: bad sector", broken.Message);
    }

    [Fact]
    public async Task What_cannot_go_is_refused_before_anything_is_sent()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server);
        await using var client = server.NewClient();
        var request = NewRequest(new MemoryStream(Bytes));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Events.PublishAsync(request with { Events = [request.Events[0], request.Events[0]] }));
        await Assert.ThrowsAsync<ArgumentException>(() => client.Events.PublishAsync(request with { File = new PublishFile(Stream.Null) { MimeType = "no type\n" } }));
        Assert.Throws<ArgumentException>(() => new PublishFile(new Shut()));
        Assert.Empty(seen);
    }

    private static EventPublishRequest NewRequest(Stream content, string? name = "a.pdf") => new()
    {
        InstanceId = "VZ1",
        InstanceToken = "its-token",
        Events = [new PublishEvent { Type = EventType.Message, Data = JsonDocument.Parse("""{"n":1}""").RootElement, IdempotencyKey = "k" }],
        File = new PublishFile(content) { FileName = name, MimeType = "application/pdf" },
    };

    /// <summary>Takes publishes, and refuses the first ones before it has read them.</summary>
    private static ConcurrentQueue<Form> Take(ScriptedServer server, int refusals = 0, int status = 401)
    {
        var seen = new ConcurrentQueue<Form>();
        server.Other = async context =>
        {
            var headers = context.Request.Headers;
            if (seen.Count < refusals)
            {
                seen.Enqueue(new Form { Authorization = headers.Authorization });
                context.Response.Headers.RetryAfter = "0";
                await ScriptedServer.RefuseAsync(context, status, "refused", "No.");
                return;
            }

            var form = await context.Request.ReadFormAsync();
            var file = form.Files.GetFile("file");
            using var bytes = new MemoryStream();
            if (file is not null)
                await file.CopyToAsync(bytes);
            seen.Enqueue(new Form
            {
                Path = context.Request.Path,
                Authorization = headers.Authorization,
                InstanceToken = headers["X-Instance-Token"],
                Event = form["event"],
                // Without a name, it is a field to this reader.
                File = file is null ? Encoding.UTF8.GetBytes(form["file"].ToString()) : bytes.ToArray(),
                MimeType = file?.ContentType,
                FileName = file?.FileName,
            });
            context.Response.StatusCode = 202;
            await context.Response.WriteAsync(Published);
        };
        return seen;
    }

    private sealed class Form
    {
        public string? Path { get; init; }

        public string? Authorization { get; init; }

        public string? InstanceToken { get; init; }

        public string? Event { get; init; }

        public byte[]? File { get; init; }

        public string? MimeType { get; init; }

        public string? FileName { get; init; }
    }

    private sealed class OneWay(byte[] bytes, bool canSeek) : MemoryStream(bytes)
    {
        private int _reads;

        public Action<int> BeforeRead { get; init; } = static _ => { };

        public bool IsDisposed { get; private set; }

        public override bool CanSeek => canSeek;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            BeforeRead(++_reads);
            return base.ReadAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }

    private sealed class Shut : MemoryStream
    {
        public override bool CanRead => false;
    }
}
