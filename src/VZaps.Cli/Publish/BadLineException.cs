namespace VZaps.Cli.Publish;

/// <summary>A line of the input is no event.</summary>
internal sealed class BadLineException : Exception
{
    public BadLineException()
    {
    }

    public BadLineException(string message)
        : base(message)
    {
    }

    public BadLineException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    public BadLineException(long line, string reason)
        : base($"line {line} {reason}") => Line = line;

    /// <summary>Its number, from 1.</summary>
    public long Line { get; }
}
