namespace VZaps;

/// <summary>
/// Thrown by a handler that can never handle its event: the event goes to the consumer's dead letters at once, instead of coming
/// again until its deliveries are used up. A server without the extension <c>vzaps.ext.1</c> takes it like any other exception.
/// </summary>
public sealed class RejectEventException : Exception
{
    /// <summary>A rejection without reason.</summary>
    public RejectEventException()
        : this("")
    {
    }

    /// <summary>A rejection.</summary>
    /// <param name="reason">Why, for whoever looks at the dead letter; its first 500 characters are kept there. No secrets: it is shown and logged.</param>
    public RejectEventException(string reason)
        : this(reason, null)
    {
    }

    /// <summary>A rejection and what caused it.</summary>
    /// <param name="reason">Why, for whoever looks at the dead letter; its first 500 characters are kept there. No secrets: it is shown and logged.</param>
    /// <param name="innerException">The cause; it is not sent.</param>
    public RejectEventException(string reason, Exception? innerException)
        : base(reason, innerException)
    {
    }
}
