using System.Diagnostics;

namespace VZaps.Cli.Soak;

/// <summary>The last lines that child processes wrote, for when one of them fails.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ChildLog
{
    private const int MaxLines = 40;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    /// <summary>Reads all that a process writes, so that it never waits for a reader.</summary>
    public void Follow(Process process)
    {
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public override string ToString()
    {
        lock (_gate)
            return string.Join('\n', _lines);
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
                _lines.Dequeue();
        }
    }
}
