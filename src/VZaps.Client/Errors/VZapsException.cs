namespace VZaps;

/// <summary>Something that the SDK or the server could not do. Its text says what, and never contains a secret.</summary>
public class VZapsException : Exception
{
    /// <summary>An error of unknown kind.</summary>
    public VZapsException()
    {
    }

    /// <summary>An error with its description.</summary>
    public VZapsException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its description and what caused it.</summary>
    public VZapsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
