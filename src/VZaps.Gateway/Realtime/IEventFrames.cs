namespace VZaps.Gateway.Realtime;

/// <summary>How events become messages of a socket. For one loop.</summary>
internal interface IEventFrames : IDisposable
{
    /// <summary>Writes an event; it may wait for <see cref="FlushAsync"/>.</summary>
    /// <param name="envelope">Its envelope.</param>
    /// <param name="delivery">Which delivery it is, 1 and up.</param>
    /// <param name="cancellationToken">Ends the write, and the socket with it.</param>
    ValueTask WriteAsync(ReadOnlyMemory<byte> envelope, int delivery, CancellationToken cancellationToken);

    /// <summary>Sends what waits.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
