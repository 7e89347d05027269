namespace VZaps.Gateway.Log;

/// <summary>Tells several listeners of a commit, one after the other.</summary>
internal sealed class CommitListeners(params ICommitListener[] listeners) : ICommitListener
{
    public void OnCommitted(InstanceId instance, ReadOnlySpan<Envelope> envelopes)
    {
        foreach (var listener in listeners)
            listener.OnCommitted(instance, envelopes);
    }
}
