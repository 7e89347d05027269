namespace VZaps.Gateway.Ingest.Sources;

/// <summary>What a kind of source brings along: it finds out whether a request is genuine, maps its payload, and answers as the sender expects.</summary>
internal interface ISourceFormat
{
    /// <summary>A <see cref="SourceKind"/>.</summary>
    string Kind { get; }

    /// <summary>Bytes that a request may have.</summary>
    long MaxBodyBytes { get; }

    /// <summary>Answers the request with which a sender makes sure of the URL.</summary>
    /// <exception cref="Http.ProblemException">403, or 405 where this sender does nothing of the kind.</exception>
    Task VerifyAsync(HttpContext context, Source source);

    /// <summary>Takes a request in; everything in it is durable when this returns.</summary>
    /// <exception cref="Http.ProblemException">It is not genuine, or cannot be taken now.</exception>
    Task ReceiveAsync(HttpContext context, Source source);

    /// <summary>Maps a payload that was kept, or that somebody tries; nothing is stored.</summary>
    List<SourceOutcome> Map(Source source, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt);
}
