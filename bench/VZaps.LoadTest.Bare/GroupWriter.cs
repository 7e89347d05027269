namespace VZaps.LoadTest.Bare;

/// <summary>The one writer: what has gathered while the disk was busy is its next group; no timer.</summary>
internal sealed class GroupWriter : IDisposable
{
    private const int LargestGroup = 4 << 20;
    private readonly RecycledSegment _segment;
    private readonly Lock _publishing = new();
    private readonly object _gate = new();
    private readonly Thread _thread;
    private List<PublishRequest> _gathering = [];
    private List<PublishRequest> _group = [];
    private byte[] _bytes = new byte[LargestGroup * 2];
    private long _sequence;
    private bool _isStopping;

    public GroupWriter(RecycledSegment segment)
    {
        _segment = segment;
        _thread = new Thread(Run) { IsBackground = true, Name = "writer" };
        _thread.Start();
    }

    public ValueTask AppendAsync(PublishRequest request)
    {
        lock (_gate)
        {
            _gathering.Add(request);
            if (_gathering.Count == 1)
                Monitor.Pulse(_gate);
        }

        return request.WhenDurable;
    }

    /// <summary>Runs something while no group is being handed out: between what is in the file and what is to come.</summary>
    public T BetweenGroups<T>(Func<T> action)
    {
        lock (_publishing)
            return action();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (_gathering.Count == 0)
                {
                    if (_isStopping)
                        return;
                    Monitor.Wait(_gate);
                }

                (_group, _gathering) = (_gathering, _group);
            }

            Commit();
            _group.Clear();
        }
    }

    private void Commit()
    {
        try
        {
            // The end of the file and the newest chunks move together, so that a replay has no seam.
            lock (_publishing)
            {
                _segment.Append(_bytes.AsSpan(0, Encode()));
                foreach (var request in _group)
                    request.Topic.Publish(new Chunk(request.Frames.Bytes, request.Frames.Length));
            }
        }
        catch (IOException failure)
        {
            foreach (var request in _group)
                request.Fail(failure);
            return;
        }

        foreach (var request in _group)
            request.Complete();
    }

    private int Encode()
    {
        var length = 0;
        foreach (var request in _group)
        {
            request.FirstSequence = _sequence + 1;
            _sequence += request.Frames.Count;
            request.Frames.FillIds(request.FirstSequence);
            var frames = request.Frames.Bytes.AsSpan(0, request.Frames.Length);
            if (length + Record.HeaderBytes + frames.Length > _bytes.Length)
                Array.Resize(ref _bytes, _bytes.Length * 2 + frames.Length);
            new Record(frames.Length, request.Topic.Number).Write(_bytes.AsSpan(length));
            frames.CopyTo(_bytes.AsSpan(length + Record.HeaderBytes));
            length += Record.HeaderBytes + frames.Length;
        }

        return length;
    }
}
