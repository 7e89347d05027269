namespace VZaps.Cli.Demo.Phone;

/// <summary>
/// What happens on the phone, in rounds without end. Each round begins with <c>Connected</c>, ends with <c>Disconnected</c> and
/// has all nine types; the first one has exactly one event of each step, the later ones vary.
/// </summary>
/// <param name="random">What varies; the same seed tells the same story.</param>
/// <param name="time">The clock of the events' own timestamps.</param>
internal sealed class Conversation(Random random, TimeProvider time)
{
    private const int MostExchanges = 3;
    private int _messages;

    /// <summary>The events of all rounds, one at a time as they are asked for.</summary>
    public IEnumerable<PhoneEvent> Events()
    {
        for (var number = 1; ; number++)
        {
            foreach (var step in Round(number))
                yield return step;
        }
    }

    /// <summary>The events of one round.</summary>
    /// <param name="number">From 1.</param>
    public IEnumerable<PhoneEvent> Round(int number)
    {
        var friend = Pick(Cast.People);
        return Arrival(number)
            .Concat(Talk(friend, exchanges: number == 1 ? 1 : random.Next(1, MostExchanges + 1)))
            .Concat(GroupLife(talk: number > 1))
            .Concat(Departure(friend, goesOffline: number > 1));
    }

    private IEnumerable<PhoneEvent> Arrival(int number)
    {
        yield return Step(EventType.Connected, EventData.Connected(), 200, 500);
        var chats = Cast.People.Append(Cast.Group).Select(chat => (chat, random.Next(3, 240)));
        yield return Step(EventType.HistorySync, EventData.History(number == 1 ? "INITIAL_BOOTSTRAP" : "RECENT", chats), 300, 700);
    }

    private IEnumerable<PhoneEvent> Talk(Contact friend, int exchanges)
    {
        yield return Step(EventType.Presence, EventData.Online(friend), 400, 900);
        for (var i = 0; i < exchanges; i++)
        {
            var (question, answer) = Pick(Lines.Exchanges);
            yield return Step(EventType.ChatPresence, EventData.Typing(friend, friend, "composing", i > 0 && random.Next(3) == 0 ? "audio" : ""), 400, 900);
            yield return Step(EventType.Message, EventData.Text(Message(friend, friend), question), 700, 1_200);
            var reply = Message(friend, Cast.Owner);
            yield return Step(EventType.Message, EventData.Text(reply, answer), 800, 1_200);
            yield return Step(EventType.ReadReceipt, EventData.Receipt(reply, friend, "Delivered", time.GetUtcNow()), 200, 400);
            yield return Step(EventType.ReadReceipt, EventData.Receipt(reply, friend, "Read", time.GetUtcNow()), 400, 900);
        }
    }

    private IEnumerable<PhoneEvent> GroupLife(bool talk)
    {
        var (host, guest) = (Pick(Cast.People), Pick(Cast.Guests));
        yield return Step(EventType.GroupParticipantsAdd, EventData.Joined(Cast.Group, host, guest, time.GetUtcNow()), 500, 1_000);
        if (talk)
        {
            yield return Step(EventType.ChatPresence, EventData.Typing(Cast.Group, host, "composing", ""), 400, 900);
            yield return Step(EventType.Message, EventData.Text(Message(Cast.Group, host), Pick(Lines.GroupTalk)), 700, 1_200);
        }

        var picture = Snapshot.Draw(random);
        yield return Step(EventType.Message, EventData.Picture(Message(Cast.Group, Pick(Cast.People)), Pick(Lines.Captions), picture.Length), 600, 1_200) with { Picture = picture };
        yield return Step(EventType.GroupParticipantsRemove, EventData.Left(Cast.Group, guest, guest, time.GetUtcNow()), 500, 1_000);
    }

    private IEnumerable<PhoneEvent> Departure(Contact friend, bool goesOffline)
    {
        if (goesOffline)
            yield return Step(EventType.Presence, EventData.Offline(friend, time.GetUtcNow()), 400, 900);
        yield return Step(EventType.Disconnected, EventData.Disconnected(), 600, 1_200);
    }

    private MessageInfo Message(Contact chat, Contact sender) =>
        new($"3EB0{random.NextInt64(1L << 40):X10}{++_messages:X6}", chat, sender, time.GetUtcNow());

    private T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    private PhoneEvent Step(EventType type, System.Text.Json.Nodes.JsonObject data, int atLeastMs, int atMostMs) =>
        new(type, data, TimeSpan.FromMilliseconds(random.Next(atLeastMs, atMostMs + 1)));
}
