using System.Diagnostics.CodeAnalysis;

namespace VZaps.Client.Realtime;

/// <summary>
/// The bytes under a WebSocket, which writes a frame at a time to it. Between those, ready-made frames may be written, many at once: the WebSocket itself has a system call, and a call
/// of the random generator that costs more than the rest of a small frame, for each.
/// </summary>
/// <remarks>One reader; any number of writers.</remarks>
[SuppressMessage("Reliability", "CA2213", Justification = "The semaphore holds nothing while nobody asks for its wait handle, and a writer may still hold it.")]
internal sealed class FrameLine(Stream line) : LineStream(line)
{
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Writes whole frames.</summary>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Line.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
