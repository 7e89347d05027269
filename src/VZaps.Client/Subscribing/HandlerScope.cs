namespace VZaps.Client.Subscribing;

/// <summary>
/// Knows whether the code that runs now was called by a subscription's handler that has not returned, or is the body of a loop that pulls, so that closing from
/// there does not wait for itself.
/// </summary>
internal sealed class HandlerScope : IDisposable
{
    private static readonly AsyncLocal<HandlerScope?> Current = new();
    private readonly object _owner;
    private readonly HandlerScope? _outer;
    private volatile bool _running;
    private volatile bool _ended;

    private HandlerScope(object owner, HandlerScope? outer) => (_owner, _outer) = (owner, outer);

    /// <summary>
    /// A handler of that owner is called next; dispose it when that has returned. To be entered in an async method: it flows into what that calls and
    /// ends with that method, as async methods restore what they set.
    /// </summary>
    public static HandlerScope Enter(object owner)
    {
        var scope = new HandlerScope(owner, Current.Value) { _running = true };
        Current.Value = scope;
        return scope;
    }

    /// <summary>
    /// Somebody pulls: what he does between two events is not called by us, so the scope is put around him. To be called in a method that is <em>not</em> async: it stays with whoever called that, until
    /// <see cref="EndLoop"/>. It runs between <see cref="BeginBody"/> and <see cref="EndBody"/>.
    /// </summary>
    /// <param name="owner">Whose loop it is.</param>
    /// <param name="present">The loop's scope so far; null at first. He may go on in another flow than the one in which it was made.</param>
    public static HandlerScope Surround(object owner, HandlerScope? present)
    {
        for (var scope = present is null ? null : Current.Value; scope is not null; scope = scope._outer)
        {
            if (scope == present)
                return present;
        }

        // Loops that follow one another in one method must not hold each other in memory.
        var outer = Current.Value;
        while (outer is { _ended: true })
            outer = outer._outer;
        return Current.Value = new HandlerScope(owner, outer);
    }

    /// <summary>Whoever pulls is given an event next.</summary>
    public void BeginBody() => _running = true;

    /// <summary>He wants another one, or has left.</summary>
    public void EndBody() => _running = false;

    /// <summary>He has left the loop.</summary>
    public void EndLoop()
    {
        Dispose();
        if (Current.Value == this)
            Current.Value = _outer;
    }

    public void Dispose()
    {
        _running = false;
        _ended = true;
    }

    /// <summary>Whether a running handler of that owner called us. What it started and left behind is no longer inside.</summary>
    public static bool IsInside(object owner)
    {
        for (var scope = Current.Value; scope is not null; scope = scope._outer)
        {
            if (scope._running && ReferenceEquals(scope._owner, owner))
                return true;
        }

        return false;
    }
}
