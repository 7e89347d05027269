namespace VZaps.Gateway.Storage;

/// <summary>
/// Made at its first use, by one caller at a time. Unlike with <see cref="Lazy{T}"/>, a failure is that caller's alone: the next one tries again. Thread-safe.
/// </summary>
internal sealed class MadeOnce<T>(Func<T> make) where T : class
{
    private readonly Lock _making = new();
    private volatile T? _value;

    /// <exception cref="Exception">What making it threw.</exception>
    public T Value
    {
        get
        {
            if (_value is { } made)
                return made;
            lock (_making)
                return _value ??= make();
        }
    }
}
