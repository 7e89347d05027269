using System.Collections.Concurrent;

namespace VZaps.LoadTest.Bare;

/// <summary>Frames that were published together; each links to what came after it, and is garbage when every reader has passed it.</summary>
internal sealed class Chunk(byte[] frames, int bytes)
{
    private Chunk? _next;

    public ReadOnlyMemory<byte> Frames => frames.AsMemory(0, bytes);

    public Chunk? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }
}

/// <summary>One instance: the newest chunk, and who waits for the next.</summary>
internal sealed class Topic(int number)
{
    private Subscriber[] _subscribers = [];
    private Chunk _newest = new([], 0);

    public int Number => number;

    /// <summary>Hands a chunk to everybody. For the writer, under its lock.</summary>
    public void Publish(Chunk chunk)
    {
        _newest.Next = chunk;
        _newest = chunk;
        foreach (var subscriber in _subscribers)
            subscriber.Wake();
    }

    /// <summary>Adds a reader of all that comes from now on. Under the writer's lock, as is <see cref="Remove"/>.</summary>
    public void Add(Subscriber subscriber)
    {
        subscriber.Position = _newest;
        _subscribers = [.. _subscribers, subscriber];
    }

    public void Remove(Subscriber subscriber) => _subscribers = Array.FindAll(_subscribers, other => other != subscriber);
}

/// <summary>The topics by instance id.</summary>
internal sealed class Topics
{
    private readonly ConcurrentDictionary<string, Topic> _topics = new();
    private int _count;

    public Topic Get(string instance) => _topics.GetOrAdd(instance, _ => new Topic(Interlocked.Increment(ref _count)));
}
