using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.InMemory;
using VZaps.Gateway.Log.Segments;

namespace VZaps.Gateway.Tests.Log;

public sealed class InMemoryLogTests : EventLogConformance
{
    private protected override ValueTask<IEventLog> OpenAsync(ICommitListener listener) => new(new InMemoryLog(listener, Time));
}

/// <summary>The segment engine on a real disk.</summary>
public sealed class SegmentLogTests : EventLogConformance, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vzaps-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected override ValueTask<IEventLog> OpenAsync(ICommitListener listener) =>
        new(SegmentLog.Open(new DiskLogFiles(_folder), new LogOptions(), listener, Time, NullLogger.Instance));
}

/// <summary>The segment engine with a hash by which all keys collide.</summary>
public sealed class CollidingKeysTests : EventLogConformance, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vzaps-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected override ValueTask<IEventLog> OpenAsync(ICommitListener listener) =>
        new(SegmentLog.Open(new DiskLogFiles(_folder), new LogOptions(), listener, Time, NullLogger.Instance, (_, _, _) => 7));
}
