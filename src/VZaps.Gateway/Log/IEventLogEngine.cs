namespace VZaps.Gateway.Log;

/// <summary>Opens the log of the engine that the operator chose.</summary>
internal interface IEventLogEngine
{
    /// <summary>Opens the log, after recovery where it is needed.</summary>
    /// <param name="listener">Told of every commit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EventLogCorruptException">The log is corrupt; the message says where and what to do.</exception>
    ValueTask<IEventLog> OpenAsync(ICommitListener listener, CancellationToken cancellationToken);
}
