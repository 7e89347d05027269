using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace VZaps.Client.AspNetCore.Tests;

/// <summary>The route over real HTTP, with handlers of its own.</summary>
public sealed class WebhookRouteTests
{
    [Fact]
    public async Task A_post_reaches_the_delegates_and_is_answered_with_what_became_of_it()
    {
        var seen = new ConcurrentQueue<string>();
        await using var host = await StartAsync(receiver => receiver.On<MessageEvent>(message => seen.Enqueue(message.Text!)));
        Assert.Equal((200, """{"outcome":"handled"}"""), await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("hello"))));
        Assert.Equal(["hello"], seen);
    }

    [Fact]
    public async Task A_handler_that_throws_is_answered_with_500_so_that_it_comes_again()
    {
        await using var host = await StartAsync(receiver => receiver.On(EventType.Message, _ => throw new InvalidOperationException("secret")));
        var (status, body) = await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("hello")));
        Assert.Equal(500, status);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_signature_an_old_one_and_none_are_answered_with_401()
    {
        await using var host = await StartAsync(receiver => receiver.On(EventType.All, _ => Assert.Fail("It was called.")));
        Assert.Equal(401, (await host.PostAsync(new FakeWebhook().NewPost("/hook", EventType.Message, WebhookHost.Text("hello")))).Status);
        var old = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(6);
        Assert.Equal(401, (await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("hello"), signedAt: old))).Status);
        Assert.Equal(401, (await host.PostAsync(new HttpRequestMessage(HttpMethod.Post, "/hook") { Content = new StringContent("{}") })).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_answered_with_413_whether_or_not_it_says_its_length(bool hasLength)
    {
        await using var host = await StartAsync(receiver => receiver.On(EventType.All, _ => { }), maxBodyBytes: 100_000);
        Assert.Equal(200, (await host.PostAsync(Post(100_000))).Status);
        Assert.Equal(413, (await host.PostAsync(Post(100_001))).Status);

        HttpRequestMessage Post(int bytes)
        {
            const string Frame = """{"type":"Message","event":""}""";
            var post = host.Webhook.NewPost("/hook", EventType.Message, Frame.Insert(Frame.Length - 2, new string('x', bytes - Frame.Length)));
            post.Headers.TransferEncodingChunked = !hasLength;
            return post;
        }
    }

    [Fact]
    public async Task Another_method_is_not_answered_as_a_post()
    {
        await using var host = await StartAsync(receiver => receiver.On(EventType.All, _ => { }));
        using var answer = await host.Client.GetAsync(new Uri("/hook", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task An_application_that_asks_its_users_to_sign_in_takes_posts_without_a_user()
    {
        await using var host = await StartAsync(
            receiver => receiver.On(EventType.All, _ => { }),
            services: builder =>
            {
                builder.Services.AddAuthentication();
                builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
            });
        Assert.Equal(200, (await host.PostAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("hello")))).Status);
    }

    [Fact]
    public async Task A_handler_goes_on_when_the_gateway_hangs_up_and_the_next_attempt_is_told_how_it_ended()
    {
        var (begun, hold, calls) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        WebhookReceiver? mapped = null;
        await using var host = await StartAsync(receiver => mapped = receiver.On(EventType.Message, async (_, cancellationToken) =>
        {
            calls++;
            begun.SetResult();
            await hold.Task.WaitAsync(cancellationToken);
        }));
        using var hangUp = new CancellationTokenSource();
        var first = host.Client.SendAsync(host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("slow"), "evt_slow"), hangUp.Token);
        await begun.Task.WaitAsync(WebhookHost.Limit);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        // To the receiver itself: when the call returns, this attempt waits for the first one's handler.
        using var again = host.Webhook.NewPost("/hook", EventType.Message, WebhookHost.Text("slow"), "evt_slow", attempt: 2);
        var second = mapped!.ReceiveAsync(
            name => again.Headers.TryGetValues(name, out var values) ? values.Single() : null, await again.Content!.ReadAsByteArrayAsync());
        hold.SetResult();
        Assert.Equal(WebhookOutcome.Handled, (await second.WaitAsync(WebhookHost.Limit)).Outcome);
        Assert.Equal(1, calls);
    }

    private static async Task<WebhookHost> StartAsync(
        Action<WebhookReceiver> handlers, int maxBodyBytes = 1_048_576, Action<WebApplicationBuilder>? services = null)
    {
        WebhookHost? host = null;
        var webhook = new FakeWebhook();
        host = new WebhookHost(app =>
        {
            var receiver = new WebhookReceiver(new WebhookReceiverOptions { Secrets = [webhook.Secret], MaxBodyBytes = maxBodyBytes });
            handlers(receiver);
            app.MapVZapsWebhook("/hook", receiver);
        }, services: services) { Webhook = webhook };
        await host.StartAsync();
        return host;
    }
}
