using VZaps.Cli.Demo.Phone;

namespace VZaps.Cli.Simulate;

/// <summary>A conversation out of a file: a line is <c>Ana Souza: what she says</c>, or <c>me: what is answered</c>; empty lines and those that begin with # are passed over.</summary>
internal static class Script
{
    /// <exception cref="MisuseException">A line is none of these; it is named.</exception>
    public static IEnumerable<PhoneEvent> Read(IReadOnlyList<string> lines, TimeProvider time)
    {
        var chat = Cast.People[0];
        for (var i = 0; i < lines.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]) || lines[i].StartsWith('#'))
                continue;
            var (name, said) = lines[i].Split(':', 2, StringSplitOptions.TrimEntries) is [var who, { Length: > 0 } what]
                ? (who, what)
                : throw new MisuseException($"Line {i + 1} of the script is no 'Name: text'.");
            var isMe = name.Equals("me", StringComparison.OrdinalIgnoreCase);
            if (!isMe)
                chat = PersonOf(name);
            // The whole id is of the moment: the same script twice is two conversations.
            var info = new MessageInfo($"3EB0{time.GetUtcNow().UtcTicks:X}{i:X4}", chat, isMe ? Cast.Owner : chat, time.GetUtcNow());
            yield return new PhoneEvent(EventType.Message, EventData.Text(info, said), TimeSpan.Zero);
        }
    }

    /// <summary>Somebody of the cast, or a new person, always with the same number.</summary>
    private static Contact PersonOf(string name)
    {
        var known = Cast.People.Concat(Cast.Guests).FirstOrDefault(person => person.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return known ?? new Contact(name, $"1202555{name.Aggregate(7, (hash, letter) => ((hash * 31) + letter) & 0xfffffff) % 10_000:D4}@s.whatsapp.net");
    }
}
