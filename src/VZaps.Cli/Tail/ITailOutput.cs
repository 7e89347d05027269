using VZaps.Cli.Screen;

namespace VZaps.Cli.Tail;

/// <summary>Where the events of a tail go.</summary>
internal interface ITailOutput
{
    /// <exception cref="IOException">Nobody reads any more.</exception>
    void Write(TailEvent shown);
}

/// <summary>A line for people: time, type, what happened, id.</summary>
internal sealed class ReadableOutput(EventPrinter printer) : ITailOutput
{
    public void Write(TailEvent shown) => printer.Print(shown.Id, shown.Type, shown.CreatedAt, shown.Data);
}

/// <summary>The envelope on a line of its own, written at once.</summary>
internal sealed class JsonOutput(Stream output) : ITailOutput
{
    public void Write(TailEvent shown) => output.Write(EnvelopeLine.Of(shown.Envelope));
}
