using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Media;

/// <summary>What goes to hosts that a link names, and how far a link leads.</summary>
public sealed class ForeignHostTests
{
    private const string Key = "X-Corp-Key";
    private const string Baggage = "owner-of-the-trace";

    [Fact]
    public async Task What_a_handler_adds_goes_to_the_gateway_and_to_no_other_host()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var asked = new ConcurrentQueue<string>();
        gateway.Other = context =>
        {
            asked.Enqueue(context.Request.Headers[Key].ToString());
            return files.SendAsync(context);
        };
        // The calls' own, or the one for handshakes and calls.
        foreach (var change in (Action<VZapsClientOptions>[])[options => options.HttpClient = new HttpClient(new Adding()), options => options.HttpHandler = new SocketsHttpHandler()])
        {
            await using var client = gateway.NewClient(change);
            await LinkTests.ReadAsync(await LinkTests.ReceiveAsync(gateway, client, files.Url));
            await LinkTests.ReadAsync(await LinkTests.ReceiveAsync(gateway, client, gateway.Address + "media/med_1?signature=a"));
        }

        Assert.NotEmpty(files.Headers);
        Assert.DoesNotContain(files.Headers, header => header.StartsWith(Key, StringComparison.OrdinalIgnoreCase));
        Assert.All(files.Headers, LinkTests.RequireNoCredentials);
        Assert.Equal(["s3cret", ""], asked);
    }

    [Fact]
    public async Task The_trace_goes_to_no_other_host()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        await using var client = gateway.NewClient();
        var media = await LinkTests.ReceiveAsync(gateway, client, files.Url);
        // As an instrumentation does that writes into requests itself.
        using var listener = DiagnosticListener.AllListeners.Subscribe(new Instrumentation(new Uri(files.Url).Port));
        using var trace = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("owner", Baggage).Start();
        await LinkTests.ReadAsync(media);
        Assert.NotEmpty(files.Headers);
        Assert.DoesNotContain(files.Headers, header => header.Contains(trace.TraceId.ToHexString(), StringComparison.Ordinal) || header.Contains(Baggage, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handler_for_files_carries_what_goes_elsewhere()
    {
        await using var gateway = await ScriptedServer.StartAsync();
        using var handler = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(FileServer.Bytes) });
        await using var client = gateway.NewClient(options => options.MediaHttpHandler = handler);
        await LinkTests.ReadAsync(await LinkTests.ReceiveAsync(gateway, client, "https://media.example.com/a?signature=b"));
        Assert.Equal([new Uri("https://media.example.com/a?signature=b")], handler.Asked);
    }

    [Fact]
    public async Task A_redirect_is_followed_without_credentials_and_what_a_handler_adds_does_not_come_back_with_it()
    {
        await using var files = await FileServer.StartAsync();
        await using var gateway = await ScriptedServer.StartAsync();
        var keys = new ConcurrentQueue<string>();
        gateway.Other = context =>
        {
            keys.Enqueue(context.Request.Headers[Key].ToString());
            if (context.Request.Path == "/back")
                return files.SendAsync(context);
            context.Response.Redirect(files.Url);
            return Task.CompletedTask;
        };
        files.Next.Enqueue(context => RedirectAsync(context, FileServer.Link + "/2?signature=x"));
        files.Next.Enqueue(context => RedirectAsync(context, gateway.Address + "back", 307));
        await using var client = gateway.NewClient(options => options.HttpClient = new HttpClient(new Adding()));
        await LinkTests.ReadAsync(await LinkTests.ReceiveAsync(gateway, client, gateway.Address + "media/med_1?signature=a"));
        Assert.Equal(["s3cret", ""], keys);
        Assert.Equal(2, files.Asked.Count);
        Assert.All(files.Headers, LinkTests.RequireNoCredentials);
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(6, "leads on")]
    public async Task Five_redirects_are_followed_and_no_more(int redirects, string? problem)
    {
        var left = redirects;
        using var handler = new StubHandler(request => left-- > 0
            ? Redirect($"/{left}")
            : new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([1]) });
        var media = TestMedia.Of(TestMedia.Data("https://a.example/?secret=0123456789"), handler: handler);
        if (problem is null)
        {
            await using var stream = await media.OpenReadAsync().OrFailAsync();
            Assert.Equal(6, handler.Asked.Count);
            return;
        }

        var refused = await Assert.ThrowsAsync<VZapsMediaException>(() => media.OpenReadAsync().OrFailAsync());
        Assert.Equal(MediaProblem.BadRedirect, refused.Problem);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Equal(6, handler.Asked.Count);
    }

    [Theory]
    [InlineData("http://a.example/", "from https to http")]
    [InlineData("file:///etc/passwd", "no web address")]
    [InlineData(null, "no web address")]
    public async Task A_redirect_to_where_nothing_is_fetched_is_not_followed(string? location, string problem)
    {
        using var handler = new StubHandler(_ => Redirect(location));
        var refused = await Assert.ThrowsAsync<VZapsMediaException>(() => TestMedia.Of(TestMedia.Data("https://a.example/?secret=0123456789"), handler: handler).OpenReadAsync().OrFailAsync());
        Assert.Equal(MediaProblem.BadRedirect, refused.Problem);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", refused.ToString(), StringComparison.Ordinal);
        Assert.Single(handler.Asked);
    }

    private static HttpResponseMessage Redirect(string? location)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.Redirect) { Content = new ByteArrayContent([]) };
        if (location is not null)
            answer.Headers.TryAddWithoutValidation("Location", location);
        return answer;
    }

    private static Task RedirectAsync(HttpContext context, string location, int status = 302)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    }

    private sealed class Adding : DelegatingHandler
    {
        public Adding()
            : base(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add(Key, "s3cret");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Instrumentation(int port) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "HttpHandlerDiagnosticListener")
                value.Subscribe(this, static (_, _, _) => true);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value?.GetType().GetProperty("Request")?.GetValue(value.Value) is HttpRequestMessage request && request.RequestUri!.Port == port)
                request.Headers.TryAddWithoutValidation("baggage", $"owner={Baggage}");
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
