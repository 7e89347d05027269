using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Ingest;
using VZaps.Gateway.Log;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>How many requests with a file come in at a time, for how long, how often; and what is left of those that are refused: nothing.</summary>
public sealed class UploadTests
{
    private const string Json = """{"type":"Message","data":{}}""", Boundary = "x";

    [Fact]
    public async Task No_more_files_come_in_at_a_time_than_may()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:UploadsAtOnce", "1"), ("Media:UploadTurnTimeout", "00:00:00")));
        var (first, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var (content, slow) = await BeginSlowlyAsync(gateway, first);
        await IsRefusedAsync(gateway, other);
        content.Release();
        Assert.Equal(202, (await slow).Status);
        Assert.Equal(202, (await gateway.PostFormAsync(other, Form(Jpeg(), "c.jpg", "image/jpeg"))).Status);
    }

    [Fact]
    public async Task An_instance_whose_files_come_slowly_leaves_room_to_the_others()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            settings: Settings(("Media:UploadsAtOnce", "3"), ("Media:UploadsAtOncePerInstance", "2"), ("Media:UploadTurnTimeout", "00:00:00")));
        var (busy, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var slow = new[] { await BeginSlowlyAsync(gateway, busy), await BeginSlowlyAsync(gateway, busy) };
        await IsRefusedAsync(gateway, busy);
        Assert.Equal(202, (await gateway.PostFormAsync(other, Form(Jpeg(), "b.jpg", "image/jpeg"))).Status);
        foreach (var (content, post) in slow)
        {
            content.Release();
            Assert.Equal(202, (await post).Status);
        }

        Assert.Equal(202, (await gateway.PostFormAsync(busy, Form(Jpeg(), "c.jpg", "image/jpeg"))).Status);
    }

    [Fact]
    public async Task Who_waits_for_the_share_of_its_instance_has_it_in_time()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            settings: Settings(("Media:UploadsAtOnce", "2"), ("Media:UploadsAtOncePerInstance", "1"), ("Media:UploadTurnTimeout", "00:05:00")));
        var (busy, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var (content, slow) = await BeginSlowlyAsync(gateway, busy);
        var waiting = Enumerable.Range(0, 3).Select(i => gateway.PostFormAsync(busy, Form(Jpeg(seed: (byte)i), $"{i}.jpg", "image/jpeg"))).ToList();
        Assert.Equal(202, (await gateway.PostFormAsync(other, Form(Jpeg(), "b.jpg", "image/jpeg"))).Status);
        content.Release();
        Assert.Equal(202, (await slow).Status);
        foreach (var one in waiting)
            Assert.Equal(202, (await one).Status);
    }

    [Fact]
    public async Task A_file_that_takes_too_long_to_come_is_refused_and_gone()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:UploadTimeout", "00:00:02"), ("Media:UploadsAtOnce", "1")));
        var instance = await gateway.NewInstanceAsync();
        using var upload = await RawUpload.BeginAsync(gateway, instance, bodyBytes: 10_000_000);
        await upload.SendAsync(Jpeg(100_000));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(FilesOf(gateway).Length == 1)));

        // Fast enough for the server, which looks at the bytes a second, and far from its end.
        var answer = await upload.AnswerWhileSendingAsync(Jpeg(1_000));

        Assert.Equal((408, "media_upload_timeout"), answer);
        Assert.Empty(FilesOf(gateway));
        Assert.Empty(await gateway.EventsAsync(instance));
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
        // Its turn is back.
        Assert.Equal(202, (await gateway.PostFormAsync(instance, Form(Jpeg(), "c.jpg", "image/jpeg"))).Status);
    }

    [Fact]
    public async Task A_file_that_hardly_comes_is_ended_by_the_server_long_before()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        using var upload = await RawUpload.BeginAsync(gateway, instance, bodyBytes: 10_000_000);
        await upload.SendAsync(Jpeg(500));

        Assert.Equal((408, "request_timeout"), await upload.AnswerAsync());

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(FilesOf(gateway).Length == 0)));
    }

    [Fact]
    public async Task What_is_refused_for_its_rate_is_not_read()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Limits:PublishedEventsPerSecond", "10")));
        var instance = await gateway.NewInstanceAsync();
        await TakeAllOfTheRateAsync(gateway, instance);

        // Of its ten million bytes none is sent.
        using var upload = await RawUpload.BeginAsync(gateway, instance, bodyBytes: 10_000_000, sendsBody: false);

        Assert.Equal((429, "publish_rate_exceeded"), await upload.AnswerAsync());
        Assert.Empty(FilesOf(gateway));
    }

    [Fact]
    public async Task What_is_refused_for_its_rate_has_no_file_and_is_not_fetched()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Limits:PublishedEventsPerSecond", "10")));
        var instance = await gateway.NewInstanceAsync();
        await TakeAllOfTheRateAsync(gateway, instance);
        Assert.Equal(429, (await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg"))).Status);
        object published = new { type = "Message", data = new { media_source_url = server.Serve("/f", Jpeg()) } };
        Assert.Equal((429, "publish_rate_exceeded"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/events", published));
        Assert.Empty(FilesOf(gateway));
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_bytes_of_a_file_count_whether_its_head_tells_them_or_not(bool told)
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Limits:PublishedBytesPerSecond", "1000")));
        var instance = await gateway.NewInstanceAsync();
        var form = Form(Jpeg(60_000), "a.jpg", "image/jpeg");
        Assert.Equal(202, (await gateway.PostFormAsync(instance, told ? form : new Chunked(form))).Status);
        using var answer = await SendAsync(gateway, instance, Form(Jpeg(), "b.jpg", "image/jpeg"));
        Assert.Equal(429, (int)answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 10, 62);
    }

    [Fact]
    public async Task What_is_refused_has_cost_nothing_of_the_rate()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Limits:PublishedEventsPerSecond", "1"), ("Limits:PublishedBytesPerSecond", "1000")));
        var instance = await gateway.NewInstanceAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal(400, (await gateway.PostFormAsync(instance, Form(Jpeg(60_000), "a.jpg", "image/jpeg", "no json"))).Status);
        object published = new { type = "Message", data = new { media_source_url = "no url" } };
        for (var i = 0; i < 3; i++)
            Assert.Equal((400, "invalid_field"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/events", published));
        Assert.Equal(202, (await gateway.PostFormAsync(instance, Form(Jpeg(60_000), "a.jpg", "image/jpeg"))).Status);
    }

    [Fact]
    public async Task What_the_log_has_no_room_for_has_cost_nothing_of_the_rate()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Limits:PublishedBytesPerSecond", "1000")), configure: builder =>
            builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PublishRoute>(provider, DispatchProxy.Create<IEventLog, FullLog>())));
        var instance = await gateway.NewInstanceAsync();
        for (var i = 0; i < 2; i++)
        {
            var (status, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(60_000), "a.jpg", "image/jpeg"));
            Assert.Equal(503, status);
            Assert.Contains("log_full", answer, StringComparison.Ordinal);
        }

        object published = new { type = "Message", data = new { text = new string('x', 60_000) } };
        for (var i = 0; i < 2; i++)
            Assert.Equal((503, "log_full"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/events", published));
    }

    [Fact]
    public async Task Of_uploads_that_do_not_say_how_long_they_are_those_behind_the_first_wait_for_its_bytes()
    {
        await using var gateway = await GatewayFixture.StartAsync(
            settings: Settings(("Media:UploadsAtOnce", "1"), ("Media:UploadTurnTimeout", "00:01:00"), ("Limits:PublishedBytesPerSecond", "1000")));
        var instance = await gateway.NewInstanceAsync();
        var content = new HeldContent(Jpeg(60_000), Jpeg(1_000));
        var first = gateway.PostFormAsync(instance, new Chunked(new MultipartFormDataContent { { new StringContent(Json), "event" }, { content, "file", "a.jpg" } }));
        await content.Begun;
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(FilesOf(gateway).Length > 0)));
        // Nothing is owed yet, so it is let in to wait for its turn; nothing of it is read when that comes.
        var second = gateway.PostFormAsync(instance, new Chunked(Form(Jpeg(60_000), "b.jpg", "image/jpeg")));
        content.Release();
        Assert.Equal(202, (await first).Status);
        Assert.Equal(429, (await second).Status);
    }

    [Fact]
    public async Task A_file_of_an_event_that_is_too_large_with_it_is_not_kept()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var json = $$$"""{"type":"Message","data":{"text":"{{{new string('x', 1_047_500)}}}"}}""";
        var (status, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg", json));
        Assert.Equal(413, status);
        Assert.Contains("event_too_large", answer, StringComparison.Ordinal);
        Assert.Empty(FilesOf(gateway));
    }

    private static async Task<(HeldContent Content, Task<(int Status, string Answer)> Post)> BeginSlowlyAsync(GatewayFixture gateway, TestInstance instance)
    {
        var before = FilesOf(gateway).Length;
        var content = new HeldContent(Jpeg(1_000), Jpeg(1_000));
        var post = gateway.PostFormAsync(instance, new MultipartFormDataContent { { new StringContent(Json), "event" }, { content, "file", "a.jpg" } });
        await content.Begun;
        // Its file is on its way in, so it has its turn.
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(FilesOf(gateway).Length > before)));
        return (content, post);
    }

    private static async Task IsRefusedAsync(GatewayFixture gateway, TestInstance instance)
    {
        using var answer = await SendAsync(gateway, instance, Form(Jpeg(), "b.jpg", "image/jpeg"));
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Equal(5, answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Contains("too_many_uploads", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayFixture gateway, TestInstance instance, HttpContent form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/instances/{instance.Id}/events") { Content = form };
        request.Headers.Authorization = new("Bearer", instance.AccessToken);
        request.Headers.ExpectContinue = true;
        return await gateway.Client.SendAsync(request);
    }

    private static async Task TakeAllOfTheRateAsync(GatewayFixture gateway, TestInstance instance)
    {
        var events = Enumerable.Range(0, 1_000).Select(_ => new { type = "Message", data = new { } });
        Assert.Equal(202, (await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", events, instance.AccessToken)).Status);
    }

    /// <summary>A form that does not say how long it is.</summary>
    private sealed class Chunked : HttpContent
    {
        private readonly HttpContent _form;

        public Chunked(HttpContent form)
        {
            _form = form;
            Headers.ContentType = form.Headers.ContentType;
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => _form.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>A request on a bare socket, whose body comes as a test wants it.</summary>
    private sealed class RawUpload : IDisposable
    {
        private readonly TcpClient _client = new();
        private NetworkStream _stream = null!;

        public static async Task<RawUpload> BeginAsync(GatewayFixture gateway, TestInstance instance, int bodyBytes, bool sendsBody = true)
        {
            var upload = new RawUpload();
            await upload._client.ConnectAsync("127.0.0.1", gateway.Client.BaseAddress!.Port);
            upload._stream = upload._client.GetStream();
            await upload.SendAsync(Encoding.ASCII.GetBytes($"POST /instances/{instance.Id}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {instance.AccessToken}\r\n"
                + $"Content-Type: multipart/form-data; boundary={Boundary}\r\nContent-Length: {bodyBytes}\r\n\r\n"));
            if (sendsBody)
            {
                await upload.SendAsync(Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\n{Json}\r\n"
                    + $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"));
            }

            return upload;
        }

        public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

        /// <summary>Goes on sending, some bytes now and then, until there is an answer.</summary>
        public async Task<(int Status, string Error)> AnswerWhileSendingAsync(byte[] bytes)
        {
            var (answer, began) = (AnswerAsync(), Stopwatch.GetTimestamp());
            while (!answer.IsCompleted && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1))
            {
                await SendAsync(bytes);
                await Task.WhenAny(answer, Task.Delay(100));
            }

            return answer.IsCompleted ? await answer : throw new TimeoutException("No answer has come.");
        }

        public async Task<(int Status, string Error)> AnswerAsync()
        {
            // The body's length is in the head; the connection may stay.
            var (text, buffer) = ("", new byte[16 * 1024]);
            while (!text.EndsWith('}'))
            {
                var read = await _stream.ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromMinutes(2));
                if (read == 0)
                    throw new EndOfStreamException($"It ended with: {text}");
                text += Encoding.UTF8.GetString(buffer, 0, read);
            }

            var answer = JsonSerializer.Deserialize<JsonElement>(text.Split("\r\n\r\n", 2)[1]);
            return (int.Parse(text.AsSpan("HTTP/1.1 ".Length, 3)), answer.GetProperty("error").GetString()!);
        }

        public void Dispose() => _client.Dispose();
    }
}
