using VZaps.Gateway.Log;

namespace VZaps.Gateway.Tests.Log;

/// <summary>A listener that does not listen.</summary>
internal sealed class Nobody : ICommitListener
{
    public void OnCommitted(InstanceId instance, ReadOnlySpan<Envelope> envelopes)
    {
    }
}
