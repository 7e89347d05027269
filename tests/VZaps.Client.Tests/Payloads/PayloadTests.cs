using System.Text;
using VZaps.Client.Events;

namespace VZaps.Client.Tests.Payloads;

/// <summary>Payloads in the forms in which the sources give them.</summary>
public sealed class PayloadTests
{
    private const string Info = """
        "Info":{"Chat":"15550002222@s.whatsapp.net","Sender":"15550002222@s.whatsapp.net","IsFromMe":false,"IsGroup":false,"SenderAlt":"98765432101234@lid","BroadcastRecipients":null,
         "ID":"3EB0A1","Type":"text","PushName":"Ana","Timestamp":"2026-06-23T19:57:17-03:00"}
        """;

    [Fact]
    public void A_text_message_has_its_head_and_its_words()
    {
        var message = Message("""{"conversation":"Ola"}""");
        Assert.Equal(("3EB0A1", "15550002222@s.whatsapp.net", "98765432101234@lid", "Ana", "Ola"), (message.MessageId, message.Chat, message.SenderAlt, message.PushName, message.Text));
        Assert.Equal(new DateTimeOffset(2026, 6, 23, 22, 57, 17, TimeSpan.Zero), message.Timestamp);
        Assert.Equal((Envelopes.Id(1), ScriptedServer.InstanceId), (message.EventId, message.InstanceId));
        Assert.Equal("Ola", message.Content.GetProperty("conversation").GetString());
        Assert.Equal("Message", message.Data.GetProperty("type").GetString());
        Assert.Null(message.Media);
        Assert.Empty(message.Contacts);
        Assert.DoesNotContain("Ola", message.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_as_deep_as_a_frame_may_be_is_read()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200);
        var received = Assert.Single(EnvelopeReader.Read(Encoding.UTF8.GetBytes(Envelopes.Json(1, data: deep)), out var unreadable));
        Assert.Equal(0, unreadable);
        Assert.Equal(1, Enumerable.Range(0, 200).Aggregate(received.Data, (element, _) => element.GetProperty("a")).GetInt32());
    }

    [Fact]
    public void An_answer_has_the_message_that_it_quotes()
    {
        var message = Message("""{"extendedTextMessage":{"text":"yes","contextInfo":{"stanzaID":"3EB0Q","participant":"1@s.whatsapp.net"}},"messageContextInfo":{"x":1}}""");
        Assert.Equal("yes", message.Text);
        Assert.Equal(new QuotedMessage { MessageId = "3EB0Q", Sender = "1@s.whatsapp.net" }, message.ReplyTo);
    }

    [Theory]
    [InlineData("imageMessage", MediaKind.Image)]
    [InlineData("videoMessage", MediaKind.Video)]
    [InlineData("audioMessage", MediaKind.Audio)]
    [InlineData("documentMessage", MediaKind.Document)]
    [InlineData("stickerMessage", MediaKind.Sticker)]
    public void A_file_has_its_kind_and_where_it_is(string member, MediaKind kind)
    {
        var message = Message($$$"""{"{{{member}}}":{"mimetype":"a/b","caption":"this","fileName":"f.x","fileLength":12345,"width":640,"height":480,"PTT":true}}""", "\"media_url\":\"https://files.example.com/a\",");
        Assert.Equal(
            new MessageMedia
            {
                Kind = kind, Url = new Uri("https://files.example.com/a"), MimeType = "a/b", Caption = "this", FileName = "f.x", LengthBytes = 12_345, Width = 640, Height = 480, IsVoiceNote = true,
            },
            message.Media);
        Assert.Null(message.Text);
    }

    [Fact]
    public void A_reaction_names_its_message_and_has_no_emoji_once_it_is_taken_back()
    {
        Assert.Equal(new MessageReaction { MessageId = "3EB0R", Emoji = "👍" }, Message("""{"reactionMessage":{"key":{"ID":"3EB0R"},"text":"👍"}}""").Reaction);
        Assert.Equal(new MessageReaction { MessageId = "3EB0R" }, Message("""{"reactionMessage":{"key":{"ID":"3EB0R"},"text":""}}""").Reaction);
    }

    [Fact]
    public void A_place_has_its_degrees() => Assert.Equal(
        new MessageLocation { Latitude = -23.55, Longitude = -46.63, Name = "Shop", Address = "Rua A, 1", Link = "https://example.com" },
        Message("""{"locationMessage":{"degreesLatitude":-23.55,"degreesLongitude":-46.63,"name":"Shop","address":"Rua A, 1","URL":"https://example.com"}}""").Location);

    [Fact]
    public void One_contact_and_several_are_a_list_alike()
    {
        var bia = new MessageContact { DisplayName = "Bia Reis", VCard = "BEGIN:VCARD" };
        Assert.Equal([bia], Message("""{"contactMessage":{"displayName":"Bia Reis","vcard":"BEGIN:VCARD"}}""").Contacts);
        Assert.Equal([bia, new MessageContact { DisplayName = "Carl" }], Message("""{"contactsArrayMessage":{"contacts":[{"displayName":"Bia Reis","vcard":"BEGIN:VCARD"},{"displayName":"Carl"}]}}""").Contacts);
    }

    [Theory]
    [InlineData("""{"buttonsResponseMessage":{"Response":{"SelectedDisplayText":"16:00"},"selectedButtonID":"slot-16"}}""", "slot-16", "16:00", null)]
    [InlineData("""{"listResponseMessage":{"title":"Tuesday","description":"all day","singleSelectReply":{"selectedRowID":"row-2"}}}""", "row-2", "Tuesday", "all day")]
    [InlineData("""{"templateButtonReplyMessage":{"selectedID":"CANCEL_42","selectedDisplayText":"Cancel"}}""", "CANCEL_42", "Cancel", null)]
    public void A_choice_of_a_button_or_of_a_list_has_its_id(string content, string id, string title, string? description) =>
        Assert.Equal(new MessageChoice { Id = id, Title = title, Description = description }, Message(content).Choice);

    [Fact]
    public void A_kind_of_message_that_is_not_known_is_whole_in_its_content()
    {
        var message = Message("""{"pollCreationMessageV3":{"name":"Lunch?"}}""");
        Assert.Equal("Lunch?", message.Content.GetProperty("pollCreationMessageV3").GetProperty("name").GetString());
        Assert.Null(message.Text);
    }

    [Theory]
    [InlineData("\"state\":\"Read\",", "read", ReceiptState.Read)]
    [InlineData("\"state\":\"Failed\",", "", ReceiptState.Failed)]
    [InlineData("\"state\":\"Seen\",", "", ReceiptState.Unknown)]
    [InlineData("", "", ReceiptState.Delivered)]
    [InlineData("", "read-self", ReceiptState.ReadSelf)]
    public void A_receipt_has_its_state_also_where_only_its_type_tells(string state, string type, ReceiptState expected)
    {
        var receipt = Read<ReadReceiptEvent>("ReadReceipt", $$$"""
            {"type":"ReadReceipt",{{{state}}}"errors":[{"code":131047,"title":"Re-engagement message","error_data":{"details":"24 hours have passed."}}],
             "event":{"Chat":"1@s.whatsapp.net","Sender":"2@s.whatsapp.net","MessageIDs":["a","b"],"Timestamp":"2026-06-23T19:59:00-03:00","Type":"{{{type}}}"}}
            """);
        Assert.Equal(expected, receipt.State);
        Assert.Equal(["a", "b"], receipt.MessageIds);
        Assert.Equal(new DeliveryError { Code = 131_047, Title = "Re-engagement message", Message = "24 hours have passed." }, receipt.Errors.Single());
    }

    [Fact]
    public void A_zero_time_is_none()
    {
        var presence = Read<PresenceEvent>("Presence", """{"type":"Presence","event":{"From":"1@s.whatsapp.net","Unavailable":false,"LastSeen":"0001-01-01T00:00:00Z"}}""");
        Assert.Equal((true, null), (presence.IsOnline, presence.LastSeen));
        Assert.False(Read<PresenceEvent>("Presence", """{"event":{"From":"1@s.whatsapp.net","Unavailable":true}}""").IsOnline);
    }

    [Theory]
    [InlineData("composing", "", ChatActivity.Typing)]
    [InlineData("composing", "audio", ChatActivity.Recording)]
    [InlineData("paused", "", ChatActivity.Paused)]
    [InlineData("dancing", "", ChatActivity.Unknown)]
    public void Typing_is_told_from_recording(string state, string media, ChatActivity expected) => Assert.Equal(
        expected, Read<ChatPresenceEvent>("ChatPresence", $$"""{"event":{"Chat":"c@g.us","Sender":"s","IsGroup":true,"State":"{{state}}","Media":"{{media}}" } }""").Activity);

    [Fact]
    public void A_history_has_its_chats_and_their_messages()
    {
        var history = Read<HistorySyncEvent>("HistorySync", """
            {"event":{"part":1,"parts":2,"Data":{"syncType":3,"chunkOrder":"1","progress":40,"conversations":[{"ID":"1@s.whatsapp.net","unreadCount":1,"messages":[
              {"message":{"key":{"remoteJID":"1@s.whatsapp.net","fromMe":true,"ID":"3EB0CC"},"message":{"conversation":"old"},"messageTimestamp":1790000000,"pushName":"Ana"}}]}]}}}
            """);
        Assert.Equal(("3", 1, 40, 1, 2), (history.SyncType, history.ChunkOrder, history.Progress, history.Part, history.Parts));
        var message = history.Conversations.Single().Messages.Single();
        Assert.Equal(("3EB0CC", true, "old", DateTimeOffset.FromUnixTimeSeconds(1_790_000_000)), (message.MessageId, message.IsFromMe, message.Text, message.Timestamp));
        Assert.Equal("RECENT", Read<HistorySyncEvent>("HistorySync", """{"event":{"Data":{"syncType":"RECENT"}}}""").SyncType);
    }

    [Theory]
    [InlineData("""{"event":{}}""", null)]
    [InlineData("""{"event":{"OnConnect":false,"Reason":401}}""", "401")]
    [InlineData("""{"event":"ConnectFailure","reason":"Failed to connect"}""", "Failed to connect")]
    public void A_lost_connection_has_its_reason_in_whatever_form_it_came(string data, string? reason) =>
        Assert.Equal(reason, Read<DisconnectedEvent>("Disconnected", data).Reason);

    [Fact]
    public void Who_left_is_told_from_who_was_removed()
    {
        var joined = Read<GroupParticipantsAddEvent>("GroupParticipantsAdd", """{"event":{"JID":"g@g.us","Sender":"a","JoinReason":"invite","Join":["b","c"],"Leave":null}}""");
        Assert.Equal(("g@g.us", "invite"), (joined.Group, joined.Reason));
        Assert.Equal(["b", "c"], joined.Participants);
        Assert.True(Read<GroupParticipantsRemoveEvent>("GroupParticipantsRemove", """{"event":{"JID":"g@g.us","Sender":"b","Leave":["b"]}}""").HasLeft);
        Assert.False(Read<GroupParticipantsRemoveEvent>("GroupParticipantsRemove", """{"event":{"JID":"g@g.us","Sender":"a","Leave":["b"]}}""").HasLeft);
    }

    [Fact]
    public void The_payload_of_whatever_type_can_be_asked_for() =>
        Assert.IsType<ConnectedEvent>(Event("Connected", """{"event":{}}""").As<EventPayload>());

    [Theory]
    [InlineData("""{"type":"Message"}""", "$.event", "it is missing")]
    [InlineData("""{"event":{"text":"hi"}}""", "$.event.Info", "it is missing")]
    [InlineData("""{"event":{"Info":{"Chat":"c"}}}""", "$.event.Info.ID", "it is missing")]
    [InlineData("""{"event":{"Info":{"ID":1,"Chat":"c"}}}""", "$.event.Info.ID", "it is a number where a text is expected")]
    [InlineData("""{"event":{"Info":{"ID":"1","Chat":"c","Timestamp":"yesterday"}}}""", "$.event.Info.Timestamp", "it is no RFC 3339 time")]
    [InlineData("""{"event":{"Info":{"ID":"1","Chat":"c","IsGroup":"no"}}}""", "$.event.Info.IsGroup", "it is a text where true or false is expected")]
    [InlineData("""{"event":{"Info":{"ID":"1","Chat":"c"},"Message":[]}}""", "$.event.Message", "it is a list where an object is expected")]
    [InlineData("""{"event":{"Info":{"ID":"1","Chat":"c"},"Message":{"imageMessage":{"fileLength":1.5}}}}""", "$.event.Message.imageMessage.fileLength", "it is no whole number")]
    [InlineData("""{"event":{"Info":{"ID":"1","Chat":"c"},"Message":{"imageMessage":{"width":4294967296}}}}""", "$.event.Message.imageMessage.width", "it is out of range")]
    [InlineData("""{"event":{"Info":{"ID":"1","Chat":"c"},"Message":{"contactsArrayMessage":{"contacts":[{},{"vcard":7}]}}}}""", "$.event.Message.contactsArrayMessage.contacts[1].vcard", "it is a number where a text is expected")]
    [InlineData("""{"event":{"Info":{"ID":"\ud800","Chat":"c"},"Message":{}}}""", "$.event.Info.ID", "it is no text: half of a surrogate pair is escaped in it")]
    public void A_payload_that_does_not_fit_says_where_and_what_and_not_what_was_written(string data, string path, string what)
    {
        var error = Assert.Throws<VZapsPayloadException>(() => Event("Message", data).As<MessageEvent>());
        Assert.Equal(path, error.JsonPath);
        Assert.Equal($"The payload of Message {Envelopes.Id(1)} does not fit at {path}: {what}.", error.Message);
        Assert.Equal(Envelopes.Id(1), error.Event!.Id);
    }

    [Theory]
    [InlineData("Presence")]
    [InlineData("PollVote")]
    public void An_event_of_another_type_does_not_fit(string type) =>
        Assert.Equal("$.type", Assert.Throws<VZapsPayloadException>(() => Event(type, "{}").As<MessageEvent>()).JsonPath);

    private static MessageEvent Message(string content, string beside = "") =>
        Read<MessageEvent>("Message", $$"""{"type":"Message",{{beside}}"event":{ {{Info}},"Message":{{content}} } }""");

    private static T Read<T>(string type, string data)
        where T : EventPayload => Event(type, data).As<T>();

    private static VZapsEvent Event(string type, string data) => EnvelopeReader.Read(Encoding.UTF8.GetBytes(Envelopes.Json(1, type, data)), out _).Single();
}
