using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Net.Http.Headers;

namespace VZaps.Client.Tests.Http;

/// <summary>Events that are published with a file.</summary>
public sealed class PublishFileTests
{
    private const string Published = """{"code":202,"success":true,"data":{"ids":["evt_1"],"duplicates":[]}}""";
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 200_000).Select(i => (byte)('a' + (i / 7 % 26)))];

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

    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    public async Task One_that_cannot_seek_is_sent_again_where_the_server_refused_before_it_was_read(int status)
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server, refusals: 1, status);
        using var handler = NewPatientHandler();
        await using var client = server.NewClient(options => options.HttpHandler = handler);
        using var content = new OneWay(Bytes, canSeek: false);
        await client.Events.PublishAsync(NewRequest(content) with { InstanceToken = null }).OrFailAsync();
        Assert.Equal([null, Bytes], seen.Select(form => form.File));
    }

    [Fact]
    public async Task One_that_cannot_seek_and_was_read_is_not_and_the_next_call_has_a_new_token()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server, refusals: 1, readsFirst: true);
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
        var seen = Take(server, refusals: 2, status: 429, readsFirst: true);
        await using var client = server.NewClient();
        using var oneWay = new OneWay(Bytes, canSeek: false);
        await Assert.ThrowsAsync<VZapsRateLimitException>(() => client.Events.PublishAsync(NewRequest(oneWay)).OrFailAsync());
        await client.Events.PublishAsync(NewRequest(new MemoryStream(Bytes))).OrFailAsync();
        Assert.Equal([null, null, Bytes.Length], seen.Select(form => form.File?.Length));
    }

    [Fact]
    public async Task After_a_time_out_the_same_request_is_the_same_file_also_for_another_instance()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await ScriptedServer.StartAsync();
        var held = Hold(server);
        await using var client = server.NewClient(options => options.TimeProvider = time);
        using var content = new MemoryStream(Bytes) { Position = 5 };
        var request = NewRequest(content);
        var late = client.Events.PublishAsync(request);
        await held.OrFailAsync();
        time.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<VZapsTimeoutException>(() => late.OrFailAsync());
        var seen = Take(server);
        await client.Events.PublishAsync(request).OrFailAsync();
        await client.Events.PublishAsync(request with { InstanceId = "VZ2" }).OrFailAsync();
        Assert.Equal(["/instances/VZ1/events", "/instances/VZ2/events"], seen.Select(form => form.Path));
        Assert.All(seen, form => Assert.Equal(Bytes[5..], form.File));
    }

    [Fact]
    public async Task What_is_left_of_a_stream_that_cannot_go_back_is_not_published_as_a_file()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server);
        await using var client = server.NewClient();
        using var content = new OneWay(Bytes, canSeek: false);
        var request = NewRequest(content);
        await client.Events.PublishAsync(request).OrFailAsync();
        var again = await Assert.ThrowsAsync<InvalidOperationException>(() => client.Events.PublishAsync(request with { InstanceId = "VZ2" }).OrFailAsync());
        Assert.Contains("its stream cannot go back", again.Message, StringComparison.Ordinal);
        Assert.Equal(Bytes, Assert.Single(seen).File);
    }

    [Fact]
    public async Task Nor_where_a_handler_of_the_callers_sends_its_request_twice()
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server);
        using var handler = new Twice();
        await using var client = server.NewClient(options => options.HttpHandler = handler);
        using var content = new OneWay(Bytes, canSeek: false);
        var twice = await Assert.ThrowsAsync<VZapsException>(() => client.Events.PublishAsync(NewRequest(content)).OrFailAsync());
        Assert.Contains("was sent a second time", twice.Message, StringComparison.Ordinal);
        Assert.Equal(Bytes, Assert.Single(seen).File);
        await client.Events.PublishAsync(NewRequest(new MemoryStream(Bytes))).OrFailAsync();
        Assert.All(seen, form => Assert.Equal(Bytes, form.File));
    }

    [Fact]
    public async Task A_file_goes_with_one_call_at_a_time()
    {
        await using var server = await ScriptedServer.StartAsync();
        var held = Hold(server);
        using var stopping = new CancellationTokenSource();
        await using var client = server.NewClient();
        var request = NewRequest(new MemoryStream(Bytes));
        var first = client.Events.PublishAsync(request, stopping.Token);
        await held.OrFailAsync();
        var second = await Assert.ThrowsAsync<InvalidOperationException>(() => client.Events.PublishAsync(request).OrFailAsync());
        Assert.Contains("Another call is sending this file", second.Message, StringComparison.Ordinal);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.OrFailAsync());
        var seen = Take(server);
        await client.Events.PublishAsync(request).OrFailAsync();
        Assert.Equal(Bytes, Assert.Single(seen).File);
    }

    [Theory]
    [InlineData("he said \"no\".pdf", "he said _no_.pdf")]
    [InlineData("\"all of it\"", "_all of it_")]
    [InlineData("a\\b\nc.pdf", "a_b_c.pdf")]
    [InlineData("a;b=c, d%.pdf", "a;b=c, d%.pdf")]
    [InlineData("  ", null)]
    public async Task A_name_may_have_any_characters(string name, string? plain)
    {
        await using var server = await ScriptedServer.StartAsync();
        var seen = Take(server);
        await using var client = server.NewClient();
        await client.Events.PublishAsync(NewRequest(new MemoryStream(Bytes), name)).OrFailAsync();
        var form = Assert.Single(seen);
        Assert.Equal(Bytes, form.File);
        Assert.Equal(plain, form.Disposition?.FileName.Value?.Trim('"'));
        Assert.Equal(plain is null ? null : name, form.Disposition?.FileNameStar.Value);
    }

    [Fact]
    public async Task An_HttpClient_that_ends_calls_by_itself_is_named_as_the_one_that_did()
    {
        await using var server = await ScriptedServer.StartAsync();
        _ = Hold(server);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        await using var client = server.NewClient(options => options.HttpClient = http);
        var ended = await Assert.ThrowsAsync<VZapsTimeoutException>(() => client.Events.PublishAsync(NewRequest(new MemoryStream(Bytes))).OrFailAsync());
        Assert.Contains("before RequestTimeout (00:00:30) had passed", ended.Message, StringComparison.Ordinal);
        Assert.Contains("The Timeout of the HttpClient in the options is 00:00:01", ended.Message, StringComparison.Ordinal);
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
        var closed = NewRequest(new MemoryStream(Bytes));
        await closed.File!.Content.DisposeAsync();
        Assert.Contains("is closed", (await Assert.ThrowsAsync<ArgumentException>(() => client.Events.PublishAsync(closed))).Message, StringComparison.Ordinal);
        var pasted = await Assert.ThrowsAsync<ArgumentException>(() => client.Events.PublishAsync(request with { InstanceToken = "its-token\n" }));
        Assert.Contains("InstanceToken has a character that no credential has", pasted.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("its-token", pasted.Message, StringComparison.Ordinal);
        Assert.Empty(seen);
    }

    private static EventPublishRequest NewRequest(Stream content, string? name = "a.pdf") => new()
    {
        InstanceId = "VZ1",
        InstanceToken = "its-token",
        Events = [new PublishEvent { Type = EventType.Message, Data = JsonDocument.Parse("""{"n":1}""").RootElement, IdempotencyKey = "k" }],
        File = new PublishFile(content) { FileName = name, MimeType = "application/pdf" },
    };

    /// <summary>One that waits for the server's word before it sends a body, however slow the machine is.</summary>
    private static SocketsHttpHandler NewPatientHandler() => new() { UseCookies = false, Expect100ContinueTimeout = TimeSpan.FromMinutes(2) };

    /// <summary>Answers nothing; the task ends when a whole request is there.</summary>
    private static Task Hold(ScriptedServer server)
    {
        var whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Other = async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            whole.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        };
        return whole.Task;
    }

    /// <summary>Takes publishes, and refuses the first ones, before or after it has read them.</summary>
    private static ConcurrentQueue<Form> Take(ScriptedServer server, int refusals = 0, int status = 401, bool readsFirst = false)
    {
        var seen = new ConcurrentQueue<Form>();
        server.Other = async context =>
        {
            var headers = context.Request.Headers;
            if (seen.Count < refusals)
            {
                if (readsFirst)
                    await context.Request.Body.CopyToAsync(Stream.Null);
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
                Disposition = file is null ? null : ContentDispositionHeaderValue.Parse(file.ContentDisposition),
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

        public ContentDispositionHeaderValue? Disposition { get; init; }
    }

    private sealed class Twice() : DelegatingHandler(NewPatientHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            (await base.SendAsync(request, cancellationToken)).Dispose();
            return await base.SendAsync(request, cancellationToken);
        }
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
