namespace VZaps;

/// <summary>The server did not answer in the time that the options allow. Whether it did what was asked is not known.</summary>
public sealed class VZapsTimeoutException : VZapsException
{
    /// <summary>A time-out without description.</summary>
    public VZapsTimeoutException()
    {
    }

    /// <summary>A time-out with its description.</summary>
    public VZapsTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>A time-out with its description and what caused it.</summary>
    public VZapsTimeoutException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
