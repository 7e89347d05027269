namespace VZaps.Client.Subscribing;

/// <summary>What a loop that pulls goes over: knows when its body runs, so that a close from there returns and lets what the body holds be answered.</summary>
/// <param name="begin">Begins the stream, of which the loop is the owner, see <see cref="HandlerScope"/>.</param>
internal sealed class PulledEvents(Func<PullLoop, IAsyncEnumerable<EventDelivery>> begin) : IAsyncEnumerable<EventDelivery>
{
    public IAsyncEnumerator<EventDelivery> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var loop = new PullLoop();
        loop.Over(begin(loop).GetAsyncEnumerator(cancellationToken));
        return loop;
    }
}

/// <summary>One loop, with a stream of its own.</summary>
/// <remarks>As any enumerator: one call at a time. None of its methods is async, so what they put around the caller stays with him.</remarks>
internal sealed class PullLoop : IAsyncEnumerator<EventDelivery>
{
    private IAsyncEnumerator<EventDelivery> _stream = null!;
    private HandlerScope? _body;

    public EventDelivery Current => _stream.Current;

    public void Over(IAsyncEnumerator<EventDelivery> stream) => _stream = stream;

    /// <summary>An event is given out next.</summary>
    public void BeginBody() => _body?.BeginBody();

    public ValueTask<bool> MoveNextAsync()
    {
        _body?.EndBody();
        _body = HandlerScope.Surround(this, _body);
        return _stream.MoveNextAsync();
    }

    public ValueTask DisposeAsync()
    {
        // First: the end of the stream is to be waited for.
        _body?.EndLoop();
        return _stream.DisposeAsync();
    }
}
