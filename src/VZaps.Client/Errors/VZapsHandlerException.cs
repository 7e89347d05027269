namespace VZaps;

/// <summary>
/// A handler threw: its event is not acked and comes again, or goes to the dead letters where what it threw is a
/// <see cref="RejectEventException"/>. <see cref="Exception.InnerException"/> is what it threw.
/// </summary>
public sealed class VZapsHandlerException : VZapsException
{
    /// <summary>An error without description.</summary>
    public VZapsHandlerException()
    {
    }

    /// <summary>An error with its description.</summary>
    public VZapsHandlerException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its description and what the handler threw.</summary>
    public VZapsHandlerException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal VZapsHandlerException(VZapsEvent failed, Exception thrown)
        : base($"The handler of {failed.Type} {failed.Id} threw {thrown.GetType().Name}: {thrown.Message}", thrown) => Event = failed;

    /// <summary>The event that was not handled.</summary>
    public VZapsEvent? Event { get; }
}
