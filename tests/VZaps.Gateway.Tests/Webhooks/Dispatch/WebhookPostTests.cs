using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class WebhookPostTests
{
    /// <summary>What a <see cref="SocketsHttpHandler"/> throws at the end of its own ConnectTimeout, which is shorter than the attempt's.</summary>
    [Fact]
    public async Task A_connection_that_is_not_made_in_time_is_a_timeout()
    {
        var result = await PostAsync(_ => throw new TaskCanceledException("x", new TimeoutException()));
        Assert.True(result.IsTimeout);
        Assert.Null(result.HttpStatus);
        Assert.Equal("The connection could not be made in time.", result.Error);
    }

    [Fact]
    public async Task A_connection_that_is_refused_is_none()
    {
        var result = await PostAsync(_ => throw new HttpRequestException(HttpRequestError.ConnectionError));
        Assert.False(result.IsTimeout);
    }

    private static Task<AttemptResult> PostAsync(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        var instance = InstanceId.New();
        var (type, data) = (EventType.Message, Encoding.UTF8.GetBytes("""{"type":"Message"}"""));
        var envelope = new byte[EnvelopeWriter.Measure(type, data.Length)];
        EnvelopeWriter.Write(type, instance, DateTimeOffset.UnixEpoch, [], data, envelope);
        var position = EventPosition.Create(instance, 1, 1);
        EnvelopeWriter.FillId(envelope, position);
        var settings = new EndpointSettings { Url = "https://example.com/hook", Secret = WebhookSecret.New() };
        return new WebhookPost(new Clients(answer), Options.Create(new WebhookOptions()), TimeProvider.System).SendAsync(
            settings, instance, new PostedEvent(position.ToString(), type.Index, envelope), attempt: 1, default);
    }

    private sealed class Clients(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler, IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
