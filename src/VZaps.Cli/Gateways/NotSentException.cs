namespace VZaps.Cli.Gateways;

/// <summary>A call was never made, for want of an access token: whatever it asks for was not done. The inner exception says why.</summary>
internal sealed class NotSentException : VZapsException
{
    public NotSentException()
    {
    }

    public NotSentException(string message)
        : base(message)
    {
    }

    public NotSentException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    public NotSentException(VZapsException cause)
        : base(cause.Message, cause)
    {
    }
}
