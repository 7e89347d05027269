namespace VZaps.Client.Subscribing;

/// <summary>
/// Knows whether the code that runs now was called by a subscription's handler that has not returned, so that closing from
/// there does not wait for itself.
/// </summary>
internal sealed class HandlerScope : IDisposable
{
    private static readonly AsyncLocal<HandlerScope?> Current = new();
    private readonly object _owner;
    private readonly HandlerScope? _outer;
    private volatile bool _running = true;

    private HandlerScope(object owner, HandlerScope? outer) => (_owner, _outer) = (owner, outer);

    /// <summary>
    /// A handler of that owner is called next; dispose it when that has returned. To be entered in an async method: it flows into what that calls and
    /// ends with that method, as async methods restore what they set.
    /// </summary>
    public static HandlerScope Enter(object owner)
    {
        var scope = new HandlerScope(owner, Current.Value);
        Current.Value = scope;
        return scope;
    }

    public void Dispose() => _running = false;

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
