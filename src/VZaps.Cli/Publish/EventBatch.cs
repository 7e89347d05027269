using System.Buffers;

namespace VZaps.Cli.Publish;

/// <summary>Lines that go into one request, as one body: each as it was read, so that the gateway gets the very bytes.</summary>
internal sealed class EventBatch
{
    /// <summary>The gateway's own limit.</summary>
    public const int MaxEvents = 1_000;

    /// <summary>Less than the gateway's 8 MiB.</summary>
    public const int MaxBytes = 8 * 1024 * 1024 - 1;

    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly List<Line> _lines = [];

    public int Count => _lines.Count;

    public ReadOnlyMemory<byte> Body => _body.WrittenMemory;

    /// <summary>Whether each event has an idempotency key, so that sending it twice stores it once.</summary>
    public bool IsKeyed => _lines.TrueForAll(line => line.HasKey);

    public long FirstLine => _lines[0].Number;

    public long LastLine => _lines[^1].Number;

    /// <summary>The place in the input, from 1, of an event of this batch.</summary>
    public long LineOf(int index) => _lines[index].Number;

    public bool HasRoomFor(int lineBytes) => _lines.Count < MaxEvents && _body.WrittenCount + lineBytes + 1 <= MaxBytes;

    public void Add(long number, ReadOnlySpan<byte> line, bool hasKey)
    {
        _lines.Add(new Line(number, _body.WrittenCount, hasKey));
        _body.Write(line);
        _body.Write("\n"u8);
    }

    /// <summary>The events before one of them.</summary>
    public EventBatch Before(int index)
    {
        var part = new EventBatch();
        for (var i = 0; i < index; i++)
        {
            var end = i + 1 < _lines.Count ? _lines[i + 1].Start : _body.WrittenCount;
            part.Add(_lines[i].Number, _body.WrittenSpan[_lines[i].Start..(end - 1)], _lines[i].HasKey);
        }

        return part;
    }

    private readonly record struct Line(long Number, int Start, bool HasKey);
}
