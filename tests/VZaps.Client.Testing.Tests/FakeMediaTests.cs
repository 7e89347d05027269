using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Testing.Tests;

/// <summary>Files of the fake gateway, as handlers and as plain HTTP see them.</summary>
public sealed class FakeMediaTests : IAsyncDisposable
{
    private const string Chat = "15550002222@s.whatsapp.net";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly byte[] Bytes = RandomNumberGenerator.GetBytes(200_000);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-fake-");
    private readonly ConcurrentQueue<string> _handled = new();
    private readonly List<IAsyncDisposable> _open = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_open))
            await one.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("image/jpeg", MediaKind.Image)]
    [InlineData("image/webp", MediaKind.Sticker)]
    [InlineData("video/mp4", MediaKind.Video)]
    [InlineData("audio/ogg; codecs=opus", MediaKind.Audio)]
    [InlineData("application/pdf", MediaKind.Document)]
    public async Task A_handler_downloads_the_file_that_a_message_has(string type, MediaKind kind)
    {
        var gateway = NewGateway();
        MessageMedia? message = null;
        await SubscribeAsync(gateway, async e =>
        {
            message = e.As<MessageEvent>().Media;
            await e.Media!.DownloadAsync(Path.Combine(_folder.FullName, e.Media.Id));
            _handled.Enqueue($"{e.Media.MimeType} {e.Media.FileName} {e.Media.Size} {e.Media.Status}");
        });
        var media = gateway.AddMedia(Bytes, type, "orçamento.bin");
        await gateway.WaitAckedAsync(gateway.PublishMedia(Chat, media, "look"));
        Assert.Equal([$"{type} orçamento.bin 200000 Stored"], _handled);
        Assert.Equal((kind, "look", 200_000), (message!.Kind, message.Caption, message.LengthBytes));
        Assert.Equal(Bytes, await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, media.Id), TestContext.Current.CancellationToken));
        Assert.Equal(1, media.Requests);
    }

    [Fact]
    public async Task A_pending_file_is_waited_for_until_the_test_stores_it()
    {
        var gateway = NewGateway(new FakeTimeProvider(DateTimeOffset.UtcNow));
        await SubscribeAsync(gateway, ReadAsync);
        var media = gateway.AddMedia(Bytes, "image/jpeg", isPending: true);
        var id = gateway.PublishMedia(Chat, media);
        await UntilAsync(() => media.Requests == 1, "the file is asked for");
        Assert.Empty(_handled);
        media.Store();
        await gateway.WaitAckedAsync(id);
        Assert.Equal(["Pending: 200000 bytes"], _handled);
    }

    [Fact]
    public async Task A_pending_file_that_does_not_come_is_answered_as_pending_after_30_s_of_the_gateways_clock()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var gateway = NewGateway(time);
        using var http = new HttpClient(gateway.Handler, disposeHandler: false);
        var media = gateway.AddMedia(Bytes, "image/jpeg", isPending: true);
        var asking = http.GetAsync(media.NewLink(), TestContext.Current.CancellationToken);
        await UntilAsync(() => media.Requests == 1, "the file is asked for");
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        using var answer = await asking.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Accepted, TimeSpan.FromSeconds(2)), (answer.StatusCode, answer.Headers.RetryAfter!.Delta));
    }

    [Fact]
    public async Task One_that_is_answered_as_pending_has_no_newer_link_than_it_was_asked_by()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var gateway = NewGateway(time);
        using var http = new HttpClient(gateway.Handler, disposeHandler: false);
        var link = gateway.AddMedia(Bytes, "image/jpeg", isPending: true).NewLink();
        time.Advance(TimeSpan.FromDays(6));
        var asking = http.GetAsync(link, TestContext.Current.CancellationToken);
        while (!asking.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(asking, Task.Delay(5, TestContext.Current.CancellationToken));
        }

        using var json = JsonDocument.Parse(await (await asking).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(link.AbsoluteUri, json.RootElement.GetProperty("data").GetProperty("media_url").GetString());
    }

    [Fact]
    public async Task Who_asks_leaves_no_timer_behind()
    {
        var time = new CountingTime();
        var gateway = NewGateway(time);
        using var http = new HttpClient(gateway.Handler, disposeHandler: false);
        var (there, pending) = (gateway.AddMedia(Bytes, "image/jpeg"), gateway.AddMedia(Bytes, "image/jpeg", isPending: true));
        using var _ = await http.GetAsync(there.NewLink(), TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (time.Made, time.Running));
        var asking = http.GetAsync(pending.NewLink(), TestContext.Current.CancellationToken);
        await UntilAsync(() => time.Running == 1, "it is waited for");
        pending.Store();
        using var stored = await asking.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        Assert.Equal((1, 0), (time.Made, time.Running));
    }

    [Fact]
    public async Task What_could_not_be_fetched_or_was_removed_is_a_problem_of_its_kind_and_can_be_fetched_again()
    {
        var gateway = NewGateway();
        var client = NewClient(gateway);
        var failed = gateway.AddMedia(Bytes, "image/jpeg", isPending: true);
        failed.Fail("media_not_at_source", "It is \"gone\" there.");
        var item = await client.Media.GetAsync(gateway.InstanceId, failed.Id);
        Assert.Equal((MediaStatus.Failed, "media_not_at_source"), (item.Status, item.Error!.Code));
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(() => item.File!.OpenReadAsync());
        Assert.Equal((MediaProblem.NotFetched, "media_not_at_source"), (refused.Problem, refused.ErrorCode));
        Assert.Contains("It is \"gone\" there.", refused.Message, StringComparison.Ordinal);

        Assert.Equal(1, await client.Media.RefetchAllAsync(gateway.InstanceId));
        var again = await client.Media.RefetchAsync(gateway.InstanceId, failed.Id);
        // The error is the last attempt's until it is there.
        Assert.Equal((MediaStatus.Pending, "media_not_at_source", true), (again.Status, again.Error!.Code, again.NextAttemptAt >= again.CreatedAt));
        failed.Store();
        var stored = await client.Media.RefetchAsync(gateway.InstanceId, failed.Id);
        Assert.Equal((MediaStatus.Stored, null, null), (stored.Status, stored.Error, stored.NextAttemptAt));

        failed.Remove();
        Assert.Equal(MediaProblem.Gone, (await Assert.ThrowsAsync<VZapsMediaException>(() => item.File!.OpenReadAsync())).Problem);
        Assert.Equal("media_not_found", (await Assert.ThrowsAsync<VZapsApiException>(() => client.Media.GetAsync(gateway.InstanceId, failed.Id))).ErrorCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_that_has_expired_is_renewed_by_the_handlers_client(bool byTime)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var gateway = NewGateway(time);
        var media = gateway.AddMedia(Bytes, "image/jpeg");
        await SubscribeAsync(gateway, async e =>
        {
            if (byTime)
                time.Advance(TimeSpan.FromDays(7));
            else
                media.ExpireLinks();
            await ReadAsync(e);
            _handled.Enqueue(e.Media!.Url == e.MediaUrl ? "by the link of the event" : "by a new link");
        });
        await gateway.WaitAckedAsync(gateway.PublishMedia(Chat, media));
        Assert.Equal(["Stored: 200000 bytes", "by a new link"], _handled);
    }

    [Fact]
    public async Task A_download_that_is_cut_goes_on_where_it_broke()
    {
        var gateway = NewGateway();
        await SubscribeAsync(gateway, ReadAsync);
        var media = gateway.AddMedia(Bytes, "image/jpeg");
        media.CutNext(100_000);
        media.CutNext(50_000);
        await gateway.WaitAckedAsync(gateway.PublishMedia(Chat, media));
        Assert.Equal(["Stored: 200000 bytes"], _handled);
        Assert.Equal(3, media.Requests);
    }

    [Fact]
    public async Task Only_an_answer_with_bytes_is_cut()
    {
        var gateway = NewGateway();
        using var http = new HttpClient(gateway.Handler, disposeHandler: false);
        var media = gateway.AddMedia(Bytes, "image/jpeg");
        var link = media.NewLink();
        media.CutNext(100);
        using var known = await SendAsync(http, link, request => request.Headers.IfNoneMatch.ParseAdd($"\"{media.Sha256}\""));
        using var beyond = await SendAsync(http, link, request => request.Headers.Range = new RangeHeaderValue(200_000, null));
        using var head = await SendAsync(http, link, request => request.Method = HttpMethod.Head);
        Assert.Equal([HttpStatusCode.NotModified, HttpStatusCode.RequestedRangeNotSatisfiable, HttpStatusCode.OK], new[] { known, beyond, head }.Select(answer => answer.StatusCode));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(link, TestContext.Current.CancellationToken));
        using var whole = await http.GetAsync(link, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_link_is_answered_as_the_gateway_does()
    {
        var gateway = NewGateway();
        using var http = new HttpClient(gateway.Handler, disposeHandler: false);
        var media = gateway.AddMedia(Bytes, "image/jpeg", "a.jpg");
        var link = media.NewLink();
        using var whole = await http.GetAsync(link, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "image/jpeg", $"\"{media.Sha256}\"", "a.jpg"),
            (whole.StatusCode, whole.Content.Headers.ContentType!.ToString(), whole.Headers.ETag!.ToString(), whole.Content.Headers.ContentDisposition!.FileNameStar));
        Assert.Equal(Bytes, await whole.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, link), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, 200_000), (head.StatusCode, head.Content.Headers.ContentLength));

        foreach (var (from, to, expected) in new (long?, long?, Range)[] { (10, 19, 10..20), (199_990, null, 199_990..), (null, 5, ^5..), (199_990, 300_000, 199_990..) })
        {
            using var part = await SendAsync(http, link, request => request.Headers.Range = new RangeHeaderValue(from, to));
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(Bytes[expected], await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.Equal(200_000, part.Content.Headers.ContentRange!.Length);
        }

        using var beyond = await SendAsync(http, link, request => request.Headers.Range = new RangeHeaderValue(200_000, null));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, 200_000), (beyond.StatusCode, beyond.Content.Headers.ContentRange!.Length));
        using var other = await SendAsync(http, link, request =>
        {
            request.Headers.Range = new RangeHeaderValue(10, null);
            request.Headers.IfRange = new RangeConditionHeaderValue("\"another\"");
        });
        Assert.Equal((HttpStatusCode.OK, 200_000), (other.StatusCode, other.Content.Headers.ContentLength));
        using var known = await SendAsync(http, link, request => request.Headers.IfNoneMatch.ParseAdd($"\"{media.Sha256}\""));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var forged = await http.GetAsync(new Uri(link.AbsoluteUri.Replace("signature=", "signature=x", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        Assert.Contains("media_link_invalid", await forged.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var none = await http.GetAsync(new Uri(link.AbsoluteUri.Replace("/media/med_", "/media/med-", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Contains("media_not_found", await none.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var another = gateway.AddMedia([1], "image/png").NewLink();
        using var swapped = await http.GetAsync(new Uri(link.GetLeftPart(UriPartial.Path) + another.Query), TestContext.Current.CancellationToken);
        Assert.Contains("media_link_invalid", await swapped.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_your_code_publishes_with_a_file_is_an_event_with_a_file()
    {
        var gateway = NewGateway();
        await SubscribeAsync(gateway, async e =>
        {
            await ReadAsync(e);
            _handled.Enqueue($"{e.Media!.MimeType} {e.Media.FileName} {e.Data.GetProperty("n").GetInt32()}");
        });
        var result = await NewClient(gateway).Events.PublishAsync(
            new EventPublishRequest
            {
                InstanceId = gateway.InstanceId,
                Events = [new PublishEvent { Type = EventType.Message, Data = JsonDocument.Parse("""{"n":1}""").RootElement }],
                File = new PublishFile(new MemoryStream(Bytes)) { FileName = "orçamento.pdf", MimeType = "application/pdf" },
            },
            TestContext.Current.CancellationToken);
        await gateway.WaitAckedAsync(Assert.Single(result.Ids));
        Assert.Equal(["Stored: 200000 bytes", "application/pdf orçamento.pdf 1"], _handled);
    }

    [Fact]
    public async Task A_publish_that_is_refused_or_a_duplicate_leaves_no_file()
    {
        var gateway = NewGateway();
        var client = NewClient(gateway);
        var data = JsonDocument.Parse("""{"n":1}""").RootElement;
        var first = await PublishAsync(data);
        var second = await PublishAsync(data);
        Assert.Equal(first.Ids, second.Ids);
        Assert.Equal([0], second.Duplicates);
        var both = await Assert.ThrowsAsync<VZapsApiException>(() => PublishAsync(JsonDocument.Parse("""{"media_source_url":"https://x/a"}""").RootElement, "k2"));
        Assert.Equal((400, "invalid_field"), (both.StatusCode, both.ErrorCode));
        Assert.Contains("media_source_url", both.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<VZapsApiException>(() => PublishAsync(data, "k3", EventType.Parse("Unknown")));
        Assert.Single((await client.Media.ListAsync(gateway.InstanceId, TestContext.Current.CancellationToken)).Items);

        Task<PublishResult> PublishAsync(JsonElement data, string key = "k1", EventType? type = null) => client.Events.PublishAsync(new EventPublishRequest
        {
            InstanceId = gateway.InstanceId,
            Events = [new PublishEvent { Type = type ?? EventType.Message, Data = data, IdempotencyKey = key }],
            File = new PublishFile(new MemoryStream(Bytes)),
        });
    }

    [Theory]
    [InlineData("event")]
    [InlineData("file")]
    public async Task A_form_without_one_of_its_parts_is_told_which(string missing)
    {
        var gateway = NewGateway();
        using var http = new HttpClient(gateway.Handler, disposeHandler: false);
        using var form = new MultipartFormDataContent { { new StringContent("""{"type":"Message","data":{}}"""), missing == "event" ? "file" : "event" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://fake.invalid/instances/{gateway.InstanceId}/events") { Content = form };
        request.Headers.Add("X-Instance-Token", gateway.InstanceToken);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\\u0027{missing}\\u0027 is missing", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    public void Data_of_an_event_is_an_object(string data) => Assert.Throws<ArgumentException>(() => NewGateway().AddMedia(Bytes, "image/png").AddTo(data));

    [Fact]
    public async Task Files_are_listed_by_status_a_page_at_a_time_and_found_by_their_event()
    {
        var gateway = NewGateway();
        var client = NewClient(gateway);
        var made = Enumerable.Range(0, 5).Select(i => gateway.AddMedia([(byte)i], "image/png", isPending: i % 2 == 1)).ToList();
        var all = new List<string>();
        await foreach (var item in client.Media.ListAllAsync(gateway.InstanceId, new ListMediaRequest { Limit = 2 }, TestContext.Current.CancellationToken))
            all.Add(item.Id);
        Assert.Equal(made.Select(media => media.Id).Reverse(), all);
        var pending = await client.Media.ListAsync(gateway.InstanceId, new ListMediaRequest { Statuses = [MediaStatus.Pending] }, TestContext.Current.CancellationToken);
        Assert.Equal([made[3].Id, made[1].Id], pending.Items.Select(item => item.Id));
        var unknown = await Assert.ThrowsAsync<VZapsApiException>(() => client.Media.ListAsync(gateway.InstanceId, new ListMediaRequest { After = "med_1" }, TestContext.Current.CancellationToken));
        Assert.Equal("media_not_found", unknown.ErrorCode);
        Assert.Equal(made[0].Id, (await client.Media.GetAsync(gateway.InstanceId, gateway.PublishMedia(Chat, made[0]))).Id);
        Assert.Equal("event_has_no_media", (await Assert.ThrowsAsync<VZapsApiException>(() => client.Media.GetAsync(gateway.InstanceId, gateway.PublishText(Chat, "x")))).ErrorCode);
        await Assert.ThrowsAsync<VZapsAuthenticationException>(() => client.Media.WithInstanceToken("wrong").GetAsync(gateway.InstanceId, made[0].Id));
    }

    private FakeGateway NewGateway(TimeProvider? time = null)
    {
        var gateway = new FakeGateway(new FakeGatewayOptions { TimeProvider = time ?? TimeProvider.System });
        _open.Add(gateway);
        return gateway;
    }

    private VZapsClient NewClient(FakeGateway gateway)
    {
        var client = gateway.NewClient();
        _open.Add(client);
        return client;
    }

    private async Task SubscribeAsync(FakeGateway gateway, Func<VZapsEvent, Task> handle)
    {
        var subscription = await NewClient(gateway).Events.SubscribeAsync(gateway.NewRequest()).WaitAsync(Limit);
        _open.Add(subscription);
        subscription.On(EventType.Message, handle);
        await subscription.StartAsync();
    }

    private async Task ReadAsync(VZapsEvent received)
    {
        await using var stream = await received.Media!.OpenReadAsync();
        using var read = new MemoryStream();
        await stream.CopyToAsync(read);
        Assert.Equal(Bytes, read.ToArray());
        _handled.Enqueue($"{received.Media.Status}: {read.Length} bytes");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, Uri link, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, link);
        change(request);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Counts the timers of 30 s, which are those of who waits for a file.</summary>
    private sealed class CountingTime : FakeTimeProvider
    {
        private int _made, _running;

        public int Made => Volatile.Read(ref _made);

        public int Running => Volatile.Read(ref _running);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime != TimeSpan.FromSeconds(30))
                return timer;
            Interlocked.Increment(ref _made);
            Interlocked.Increment(ref _running);
            return new Counted(timer, this);
        }

        private sealed class Counted(ITimer timer, CountingTime time) : ITimer
        {
            private int _isDisposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                    Interlocked.Decrement(ref time._running);
                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return timer.DisposeAsync();
            }
        }
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < Limit, $"Not within {Limit}: {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
