namespace VZaps.Cli;

/// <summary>The command line, the environment or the profile lacks something or is wrong; its text says what and how to mend it.</summary>
internal sealed class MisuseException : Exception
{
    public MisuseException()
    {
    }

    public MisuseException(string message)
        : base(message)
    {
    }

    public MisuseException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
