namespace VZaps.Gateway.Media;

/// <summary>
/// Files by the hash of their bytes: the same bytes are kept once. The one seam of where files are; every store passes <c>MediaStoreConformance</c>. Thread-safe.
/// </summary>
internal interface IMediaStore
{
    /// <summary>Keeps a file; durable when it returns. One that is there already is kept anew: it counts as kept now.</summary>
    /// <param name="file">A whole one (<see cref="IncomingFile.Finish"/>). The store may take its bytes away; its owner disposes it all the same.</param>
    /// <param name="cancellationToken">Breaks it off; the file is there whole or not at all.</param>
    /// <exception cref="IOException">The store does not take it.</exception>
    Task KeepAsync(IncomingFile file, CancellationToken cancellationToken);

    /// <summary>Keeps a file anew that is there already: it counts as kept now. False where it is not there.</summary>
    /// <param name="sha256">64 lower-case hex digits; anything else is not there.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="IOException">The store does not take it.</exception>
    ValueTask<bool> RenewAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Opens a file for one reader, at its beginning; null where it is not there. The stream seeks, and stays good when the file is removed.</summary>
    /// <param name="sha256">64 lower-case hex digits; anything else is not there.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken);

    /// <summary>Removes a file, unless it was kept (anew) at or after a time; whether it did: not where there was none.</summary>
    /// <param name="sha256">64 lower-case hex digits.</param>
    /// <param name="keptBefore">Who looked at what refers to it does not remove what was kept since.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    ValueTask<bool> RemoveAsync(string sha256, DateTimeOffset keptBefore, CancellationToken cancellationToken);

    /// <summary>All files, in no order.</summary>
    IAsyncEnumerable<StoredFile> ListAsync(CancellationToken cancellationToken);
}

/// <summary>A file that is kept.</summary>
/// <param name="Sha256">The hash of its bytes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="KeptAt">When it was kept last.</param>
internal readonly record struct StoredFile(string Sha256, long Bytes, DateTimeOffset KeptAt);
