using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Webhooks;

public sealed class WebhookVerifierTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 23, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_post_of_the_events_data_is_its_event_with_what_the_headers_say()
    {
        var received = Verifier().Verify(new SignedPost().With("vzaps-attempt", "3").Sign(_time).Header, new SignedPost().Body);
        Assert.Equal(
            ("evt_01J00000000000000000000001", EventType.Message, "VZ1", new DateTimeOffset(2026, 6, 23, 22, 57, 17, TimeSpan.Zero), 3),
            (received.Id, received.Type, received.InstanceId, received.CreatedAt, received.DeliveryCount));
        Assert.Equal("hi", received.As<MessageEvent>().Text);
        Assert.Equal(
            """{"id":"evt_01J00000000000000000000001","type":"Message","instance_id":"VZ1","created_at":"2026-06-23T22:57:17.000Z","data":""" + SignedPost.Data + "}",
            Encoding.UTF8.GetString(received.Raw.Span));
    }

    [Fact]
    public void A_post_of_the_envelope_is_its_event_without_any_header_of_ours()
    {
        var envelope = """{"id":"evt_01J00000000000000000000001","type":"Message","instance_id":"VZ2","created_at":"2026-06-23T22:57:17.000Z","data":""" + SignedPost.Data + "}";
        var post = new SignedPost().WithBody(envelope).Sign(_time);
        foreach (var name in post.Headers.Keys.Where(name => name.StartsWith("vzaps-", StringComparison.Ordinal)).ToList())
            post.With(name, null);
        var received = Verifier().Verify(post.Header, post.Body);
        Assert.Equal(("evt_01J00000000000000000000001", "VZ2", 1), (received.Id, received.InstanceId, received.DeliveryCount));
        Assert.Equal("hi", received.As<MessageEvent>().Text);
        Assert.Equal(envelope, Encoding.UTF8.GetString(received.Raw.Span));
    }

    [Fact]
    public void Data_that_looks_like_the_envelope_of_another_event_is_data()
    {
        const string Looking = """{"id":"evt_other","type":"Message","instance_id":"VZ9","data":{"type":"Connected"}}""";
        var post = new SignedPost().WithBody(Looking).Sign(_time);
        var received = Verifier().Verify(post.Header, post.Body);
        Assert.Equal(("evt_01J00000000000000000000001", "VZ1"), (received.Id, received.InstanceId));
        Assert.Equal("evt_other", received.Data.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("webhook-id", null, WebhookMistake.MissingHeader)]
    [InlineData("webhook-timestamp", null, WebhookMistake.MissingHeader)]
    [InlineData("webhook-signature", null, WebhookMistake.MissingHeader)]
    [InlineData("webhook-signature", "", WebhookMistake.MissingHeader)]
    [InlineData("webhook-id", "evt_01J00000000000000000000002", WebhookMistake.WrongSignature)]
    [InlineData("webhook-id", "evt.1", WebhookMistake.MalformedHeader)]
    [InlineData("webhook-timestamp", "yesterday", WebhookMistake.MalformedHeader)]
    [InlineData("webhook-timestamp", "-5", WebhookMistake.MalformedHeader)]
    [InlineData("webhook-timestamp", "99999999999999", WebhookMistake.MalformedHeader)]
    [InlineData("webhook-timestamp", "1782255601", WebhookMistake.WrongSignature)]
    [InlineData("webhook-signature", "v1,AAAA", WebhookMistake.WrongSignature)]
    [InlineData("webhook-signature", "v1,%%%", WebhookMistake.WrongSignature)]
    [InlineData("webhook-signature", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", WebhookMistake.WrongSignature)]
    [InlineData("vzaps-event-type", "Connected", WebhookMistake.MalformedHeader)]
    public void A_header_that_is_missing_or_changed_is_named(string header, string? value, WebhookMistake mistake)
    {
        var post = new SignedPost().Sign(_time).With(header, value);
        var wrong = Assert.Throws<WebhookVerificationException>(() => Verifier().Verify(post.Header, post.Body));
        Assert.Equal(mistake, wrong.Mistake);
        if (mistake is WebhookMistake.MissingHeader or WebhookMistake.MalformedHeader)
            Assert.Contains(header, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", WebhookMistake.UnreadableBody)]
    [InlineData("hello", WebhookMistake.UnreadableBody)]
    [InlineData("[1]", WebhookMistake.UnreadableBody)]
    [InlineData("{}", WebhookMistake.UnreadableBody)]
    public void A_body_that_is_signed_and_no_event_is_not_taken_for_one(string body, WebhookMistake mistake)
    {
        var post = new SignedPost().With("vzaps-event-type", null).WithBody(body).Sign(_time);
        Assert.Equal(mistake, Assert.Throws<WebhookVerificationException>(() => Verifier().Verify(post.Header, post.Body)).Mistake);
    }

    [Fact]
    public void A_body_that_was_changed_is_not_accepted()
    {
        var post = new SignedPost().Sign(_time).WithBody(SignedPost.Data.Replace("hi", "ho", StringComparison.Ordinal));
        Assert.Equal(WebhookMistake.WrongSignature, Assert.Throws<WebhookVerificationException>(() => Verifier().Verify(post.Header, post.Body)).Mistake);
    }

    [Theory]
    [InlineData(300, null)]
    [InlineData(301, WebhookMistake.TooOld)]
    [InlineData(-300, null)]
    [InlineData(-301, WebhookMistake.TooNew)]
    public void The_signature_is_good_for_five_minutes_and_no_longer(int secondsLater, WebhookMistake? mistake)
    {
        var post = new SignedPost().Sign(_time);
        var later = new FakeTimeProvider(_time.GetUtcNow().AddSeconds(secondsLater));
        var thrown = Record.Exception(() => new WebhookVerifier(new WebhookVerifierOptions { Secrets = [SignedPost.Secret], TimeProvider = later }).Verify(post.Header, post.Body));
        Assert.Equal(mistake, (thrown as WebhookVerificationException)?.Mistake);
    }

    [Fact]
    public void The_tolerance_can_be_set()
    {
        var post = new SignedPost().Sign(_time);
        var later = new FakeTimeProvider(_time.GetUtcNow().AddSeconds(11));
        var verifier = new WebhookVerifier(new WebhookVerifierOptions { Secrets = [SignedPost.Secret], TimeProvider = later, Tolerance = TimeSpan.FromSeconds(10) });
        Assert.Equal(WebhookMistake.TooOld, Assert.Throws<WebhookVerificationException>(() => verifier.Verify(post.Header, post.Body)).Mistake);
    }

    [Theory]
    [InlineData(SignedPost.Secret)]
    [InlineData(SignedPost.Other)]
    public void While_a_secret_is_changed_both_are_right(string signing)
    {
        var post = new SignedPost().Sign(_time, signing);
        Assert.Equal(EventType.Message, Verifier(SignedPost.Other, SignedPost.Secret).Verify(post.Header, post.Body).Type);
    }

    [Fact]
    public void One_right_signature_among_others_is_enough()
    {
        var post = new SignedPost().Sign(_time);
        post.With("webhook-signature", $"v1a,whatever v1,{Convert.ToBase64String(new byte[32])} {post.Header("webhook-signature")}");
        Assert.Equal(EventType.Message, Verifier().Verify(post.Header, post.Body).Type);
    }

    [Fact]
    public void Headers_may_come_in_any_case_and_in_the_collections_that_there_are()
    {
        var post = new SignedPost().Sign(_time);
        Assert.Equal("VZ1", Verifier().Verify(post.Headers.Select(header => KeyValuePair.Create(header.Key.ToUpperInvariant(), header.Value)), post.Body).InstanceId);
        using var message = new HttpRequestMessage();
        foreach (var (name, value) in post.Headers)
            message.Headers.Add(name, value);
        Assert.Equal("VZ1", Verifier().Verify(message.Headers, post.Body).InstanceId);
        var collection = new WebHeaderCollection();
        foreach (var (name, value) in post.Headers)
            collection.Add(name, value);
        Assert.Equal("VZ1", Verifier().Verify(name => collection[name], post.Body).InstanceId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_dG9vIHNob3J0")]
    [InlineData("whsec_not base64 at all, but long enough for it to be")]
    public void A_secret_that_is_none_is_refused_at_once_and_not_shown(string secret)
    {
        var wrong = Assert.Throws<ArgumentException>(() => new WebhookVerifier(SignedPost.Secret, secret));
        Assert.Contains("whsec_", wrong.Message, StringComparison.Ordinal);
        if (secret.Length > 6)
            Assert.DoesNotContain(secret, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_secret_there_is_no_verifier()
    {
        Assert.Throws<ArgumentException>(() => new WebhookVerifier());
        Assert.DoesNotContain(SignedPost.Secret, new WebhookVerifierOptions { Secrets = [SignedPost.Secret] }.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new WebhookVerifier(new WebhookVerifierOptions { Secrets = [SignedPost.Secret], Tolerance = TimeSpan.Zero }));
    }

    private WebhookVerifier Verifier(params string[] secrets) =>
        new(new WebhookVerifierOptions { Secrets = secrets.Length > 0 ? secrets : [SignedPost.Secret], TimeProvider = _time });
}
