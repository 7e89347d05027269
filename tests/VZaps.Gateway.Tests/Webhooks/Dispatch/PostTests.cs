using System.Text;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

/// <summary>What is read out of an envelope, and signed.</summary>
public sealed class PostTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 23, 22, 57, 17, TimeSpan.Zero);

    /// <summary>The example of the specification (standard-webhooks.md).</summary>
    [Fact]
    public void The_signature_is_that_of_the_specifications_example()
    {
        var key = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        var signature = WebhookSignature.Of([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8);
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void Two_secrets_make_two_signatures_the_current_ones_first()
    {
        byte[] first = [1], second = [2];
        Assert.Equal(
            $"{WebhookSignature.Of([first], "id", 7, "x"u8)} {WebhookSignature.Of([second], "id", 7, "x"u8)}",
            WebhookSignature.Of([first, second], "id", 7, "x"u8));
    }

    [Theory]
    [InlineData("Message", """{"type":"Message","event":{"Info":{"Sender":"x","Chat":"a@s.whatsapp.net"}}}""", "a@s.whatsapp.net")]
    [InlineData("ReadReceipt", """{"event":{"MessageIDs":["1"],"Chat":"b"},"state":"Read"}""", "b")]
    [InlineData("ChatPresence", """{"event":{"Chat":"c","State":"composing"}}""", "c")]
    [InlineData("GroupParticipantsAdd", """{"event":{"JID":"g@g.us"}}""", "g@g.us")]
    [InlineData("Presence", """{"event":{"From":"d"}}""", "d")]
    [InlineData("Connected", """{"event":{"Chat":"a"}}""", null)]
    [InlineData("HistorySync", """{"event":{"Chat":"a"}}""", null)]
    [InlineData("Message", """{"event":[],"Chat":"a"}""", null)]
    [InlineData("Message", """{"event":{"Info":{"Chat":""}}}""", null)]
    [InlineData("Message", """{"event":{"Info":{"Chat":"\ud800"}}}""", null)]
    [InlineData("Message", """{}""", null)]
    public void The_chat_is_found_where_the_type_has_it(string type, string data, string? chat)
    {
        var posted = Event(type, data);
        Assert.Equal(data, Encoding.UTF8.GetString(posted.Data.Span));
        Assert.Equal("2026-06-23T22:57:17.000Z", posted.CreatedAt);
        Assert.Equal(chat, ChatOfEnvelope.Read(posted));
    }

    private static PostedEvent Event(string typeName, string data)
    {
        var (type, instance) = (EventType.Parse(typeName), InstanceId.New());
        var bytes = Encoding.UTF8.GetBytes(data);
        var envelope = new byte[EnvelopeWriter.Measure(type, bytes.Length)];
        EnvelopeWriter.Write(type, instance, Now, [], bytes, envelope);
        var position = EventPosition.Create(instance, Now.ToUnixTimeMilliseconds(), 1);
        EnvelopeWriter.FillId(envelope, position);
        return new PostedEvent(position.ToString(), type.Index, envelope);
    }
}
