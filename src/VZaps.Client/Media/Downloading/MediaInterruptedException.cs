namespace VZaps.Client.Media;

/// <summary>A request for a file came to nothing, and the next one may not. It does not leave the library: <see cref="Meaning"/> does, when there is no next one.</summary>
internal sealed class MediaInterruptedException(VZapsException meaning, TimeSpan? retryAfter = null) : Exception(meaning.Message, meaning)
{
    public VZapsException Meaning => meaning;

    /// <summary>When the server wants to be asked again; null where it did not say.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Whether nothing came for as long as was allowed.</summary>
    public bool IsStall { get; init; }
}
