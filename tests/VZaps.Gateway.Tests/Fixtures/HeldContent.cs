using System.Net;

namespace VZaps.Gateway.Tests.Fixtures;

/// <summary>A body, or a part of one, whose end is held back.</summary>
internal sealed class HeldContent(byte[] beginning, byte[] end) : HttpContent
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously), _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its beginning was written.</summary>
    public Task Begun => _begun.Task;

    public void Release() => _release.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(beginning);
        await stream.FlushAsync();
        _begun.TrySetResult();
        await _release.Task;
        await stream.WriteAsync(end);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
