namespace VZaps.EndToEnd.Faults;

/// <summary>What is wrong with a line. Directions are named by where the bytes go.</summary>
internal sealed record LineFaults
{
    public static LineFaults None { get; } = new();

    /// <summary>Nothing is passed on in either direction, and nothing is lost: it goes on when this ends.</summary>
    public bool Stalled { get; init; }

    /// <summary>What goes to the client is lost without a word, ends included. It cannot be mended: a line with a hole in it stays silent.</summary>
    public bool DeafClient { get; init; }

    /// <summary>What goes to the server is lost without a word, ends included. It cannot be mended either.</summary>
    public bool DeafServer { get; init; }

    /// <summary>Each byte is a segment of its own.</summary>
    public bool ByteByByte { get; init; }

    /// <summary>How long each read of a direction is held back.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>After so many bytes to the client the line is cut; what would be the next byte is not passed on.</summary>
    public long? CutAfterBytesToClient { get; init; }

    /// <summary>Before that cut, the client is sent a close frame, wherever in a frame that is: a server that gives up in the middle of one.</summary>
    public bool ClosesFirst { get; init; }

    /// <summary>After so many bytes to the server the line is cut.</summary>
    public long? CutAfterBytesToServer { get; init; }

    /// <summary>How it is cut then.</summary>
    public LineEnd How { get; init; }
}

/// <summary>How a line ends.</summary>
internal enum LineEnd
{
    /// <summary>With a reset to both sides: what is on its way is lost.</summary>
    Reset,

    /// <summary>With an ordinary end to both sides.</summary>
    Fin,
}
