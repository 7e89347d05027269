using System.Text;
using VZaps.Client.Events;

namespace VZaps.Client.Tests.Realtime;

public sealed class ChatOfEventTests
{
    [Theory]
    [InlineData("Message", """{"type":"Message","media_url":{"a":[1]},"event":{"Chat":"no","Info":{"ID":"1","More":{"Chat":"no"},"Chat":"a@s.whatsapp.net"}}}""", "no")]
    [InlineData("Message", """{"type":"Message","event":{"Info":{"ID":"1","More":{"Chat":"no"},"Chat":"a@s.whatsapp.net"},"Message":{}}}""", "a@s.whatsapp.net")]
    [InlineData("Message", """{"event":{"Message":{"Chat":"no"},"Info":{"Chat":"a@s.whatsapp.net"}}}""", "a@s.whatsapp.net")]
    [InlineData("ReadReceipt", """{"state":"Read","event":{"MessageIDs":["1"],"Chat":"b@s.whatsapp.net"}}""", "b@s.whatsapp.net")]
    [InlineData("ChatPresence", """{"event":{"Chat":"c\u0040g.us"}}""", "c@g.us")]
    [InlineData("Presence", """{"event":{"From":"d@s.whatsapp.net"}}""", "d@s.whatsapp.net")]
    [InlineData("GroupParticipantsAdd", """{"event":{"JID":"e@g.us","Join":[]}}""", "e@g.us")]
    [InlineData("PollVote", """{"event":{"Chat":"f@g.us"}}""", "f@g.us")]
    [InlineData("Connected", """{"event":{}}""", null)]
    [InlineData("Connected", """{"event":"text"}""", null)]
    [InlineData("Connected", """{"type":"Connected"}""", null)]
    [InlineData("Message", """{"event":{"Info":{"Chat":""}}}""", null)]
    [InlineData("Message", """{"event":{"Info":{"Chat":7}}}""", null)]
    [InlineData("Message", """{"event":{"Info":null,"Other":1}}""", null)]
    [InlineData("Message", """[1,2]""", null)]
    [InlineData("HistorySync", """{"event":{"Chat":"many"}}""", null)]
    public void The_chat_is_where_each_type_has_it(string type, string data, string? chat)
    {
        var read = Assert.Single(EnvelopeReader.Read(Encoding.UTF8.GetBytes(Envelopes.Json(1, type, data)), out _));
        Assert.Equal(chat, ChatOfEvent.Read(read));
    }
}
