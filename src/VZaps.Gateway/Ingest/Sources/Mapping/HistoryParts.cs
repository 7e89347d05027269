namespace VZaps.Gateway.Ingest.Sources;

/// <summary>A chat of a history.</summary>
/// <param name="WriteHead">Writes its members but <c>messages</c>.</param>
/// <param name="Messages">Its messages, written.</param>
internal sealed record HistoryChat(Action<DataWriter> WriteHead, IReadOnlyList<ReadOnlyMemory<byte>> Messages);

/// <summary>A history on its way into events.</summary>
/// <param name="WriteHead">Writes members of <c>event.Data</c> that every part has.</param>
/// <param name="Chats">Its chats.</param>
/// <param name="Names">Its <c>pushnames</c>, written; empty for none.</param>
internal sealed record History(Action<DataWriter> WriteHead, IReadOnlyList<HistoryChat> Chats, IReadOnlyList<ReadOnlyMemory<byte>> Names)
{
    /// <summary>Writes members of <c>event.Data</c> that the first part alone has.</summary>
    public Action<DataWriter>? WriteFirst { get; init; }

    /// <summary>Writes members of <c>event</c> beside <c>Data</c>, of the first part alone.</summary>
    public Action<DataWriter>? WriteBeside { get; init; }

    /// <summary>Writes what stands beside <c>event</c>.</summary>
    public Action<DataWriter>? WriteErrors { get; init; }

    public required string Source { get; init; }
}

/// <summary>Splits a history by chat, and a chat by message, into events that fit.</summary>
internal static class HistoryParts
{
    /// <summary>The most that one message, or one name, may have; a larger one is trimmed.</summary>
    public const int MaxItemBytes = PublishLimits.MaxEnvelopeBytes / 2;

    // What a part may hold of messages and names: the rest is for its head, and for what the first part alone has.
    private const int MaxContentBytes = EventData.MaxBytes * 5 / 8, MaxFirstBytes = EventData.MaxBytes / 8, ItemOverhead = 64;

    /// <summary>The <c>data</c> of each part; a history that fits is one without numbers.</summary>
    public static List<ReadOnlyMemory<byte>> Write(History history)
    {
        var parts = Pack(history);
        var written = new List<ReadOnlyMemory<byte>>(parts.Count);
        for (var i = 0; i < parts.Count; i++)
            written.Add(Write(history, parts[i], i + 1, parts.Count));
        return written;
    }

    private static List<Part> Pack(History history)
    {
        var parts = new List<Part> { new() };
        foreach (var chat in history.Chats)
        {
            var head = EventData.WritePart(MaxFirstBytes, (data, _) => WriteObject(data, chat.WriteHead));
            Room(parts, head.Length).Chats.Add((head, []));
            foreach (var message in chat.Messages)
            {
                var part = Room(parts, message.Length);
                if (part.Chats.Count == 0 || !part.Chats[^1].Head.Equals(head))
                {
                    part.Bytes += head.Length + ItemOverhead;
                    part.Chats.Add((head, []));
                }

                part.Chats[^1].Messages.Add(message);
            }
        }

        foreach (var name in history.Names)
            Room(parts, name.Length).Names.Add(name);
        return parts;
    }

    /// <summary>The last part, or a new one where that has no room; so many bytes of it are taken.</summary>
    private static Part Room(List<Part> parts, int bytes)
    {
        if (parts[^1].Bytes + bytes + ItemOverhead > MaxContentBytes && parts[^1].Bytes > 0)
            parts.Add(new Part());
        parts[^1].Bytes += bytes + ItemOverhead;
        return parts[^1];
    }

    private static ReadOnlyMemory<byte> Write(History history, Part part, int number, int count) => EventData.Write(
        EventType.HistorySync,
        data =>
        {
            data.Open("Data");
            history.WriteHead(data);
            if (number == 1 && history.WriteFirst is { } first)
                CopyInto(data, first);
            WriteContent(data, part, hasNames: history.Names.Count > 0);
            data.Close();
            if (number == 1 && history.WriteBeside is { } beside)
                CopyInto(data, beside);
            if (count > 1)
            {
                data.Number("part", number);
                data.Number("parts", count);
            }

            data.Text("Source", history.Source);
        },
        history.WriteErrors is { } errors ? data => CopyInto(data, errors) : null);

    private static void WriteContent(DataWriter data, Part part, bool hasNames)
    {
        data.OpenList("conversations");
        foreach (var (head, messages) in part.Chats)
            data.RawItem(WithMessages(head.Span, messages));
        data.CloseList();
        if (!hasNames)
            return;
        data.OpenList("pushnames");
        foreach (var name in part.Names)
            data.RawItem(name.Span);
        data.CloseList();
    }

    /// <summary>An object that was written, with one more member.</summary>
    private static byte[] WithMessages(ReadOnlySpan<byte> head, List<ReadOnlyMemory<byte>> messages)
    {
        using var buffer = new MemoryStream();
        buffer.Write(head[..^1]);
        buffer.Write(head.Length > 2 ? ",\"messages\":["u8 : "\"messages\":["u8);
        for (var i = 0; i < messages.Count; i++)
        {
            if (i > 0)
                buffer.WriteByte((byte)',');
            buffer.Write(messages[i].Span);
        }

        buffer.Write("]}"u8);
        return buffer.ToArray();
    }

    /// <summary>Members that may be of any size: trimmed by themselves, so that the messages behind them are not.</summary>
    private static void CopyInto(DataWriter data, Action<DataWriter> members)
    {
        var written = EventData.WritePart(MaxFirstBytes, (part, _) => WriteObject(part, members));
        using var document = System.Text.Json.JsonDocument.Parse(written);
        if (written.Length <= MaxFirstBytes)
            data.CopyMembers(document.RootElement);
    }

    private static void WriteObject(DataWriter data, Action<DataWriter> members)
    {
        data.Open();
        members(data);
        data.Close();
    }

    private sealed class Part
    {
        public List<(ReadOnlyMemory<byte> Head, List<ReadOnlyMemory<byte>> Messages)> Chats { get; } = [];

        public List<ReadOnlyMemory<byte>> Names { get; } = [];

        public int Bytes { get; set; }
    }
}
