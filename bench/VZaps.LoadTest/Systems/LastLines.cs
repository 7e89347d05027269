namespace VZaps.LoadTest.Systems;

/// <summary>The last lines that a process wrote, for when it fails.</summary>
internal sealed class LastLines
{
    private const int Kept = 20;
    private readonly Queue<string> _lines = new();

    public void Add(string? line)
    {
        lock (_lines)
        {
            if (line is not null)
                _lines.Enqueue(line);
            if (_lines.Count > Kept)
                _lines.Dequeue();
        }
    }

    public override string ToString()
    {
        lock (_lines)
            return string.Join(Environment.NewLine, _lines);
    }
}
