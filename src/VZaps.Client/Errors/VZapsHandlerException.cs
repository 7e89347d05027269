namespace VZaps;

/// <summary>
/// A handler threw, and threw again as often as <see cref="EventSubscribeRequest.HandlerRetry"/> let it: its event is not acked and comes again, or goes to the dead letters where what it threw is a
/// <see cref="RejectEventException"/>. <see cref="Exception.InnerException"/> is what it threw the last time.
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

    internal VZapsHandlerException(VZapsEvent failed, Exception thrown, int attempts, IReadOnlyList<HandlerFailure> history)
        : base(Describe(failed, thrown, attempts), thrown) => (Event, Attempts, History) = (failed, attempts, history);

    /// <summary>The event that was not handled.</summary>
    public VZapsEvent? Event { get; }

    /// <summary>Its id.</summary>
    public string? EventId => Event?.Id;

    /// <summary>How often handlers of it threw, in this delivery and in earlier ones that this subscription remembers.</summary>
    public int Attempts { get; }

    /// <summary>The latest of those times, oldest first: at most 16. The subscription remembers those of 1,024 events.</summary>
    public IReadOnlyList<HandlerFailure> History { get; } = [];

    private static string Describe(VZapsEvent failed, Exception thrown, int attempts)
    {
        var times = attempts > 1 ? $" It is failure {attempts} of this event." : "";
        return $"The handler of {failed.Type} {failed.Id} threw {thrown.GetType().Name}: {thrown.Message}{times}";
    }
}
