using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Delivery;

/// <summary>What is known of a connection from its handshake.</summary>
/// <param name="Id">Its request's id: the same in the log of the handshake.</param>
/// <param name="Access">What it was let in with.</param>
/// <param name="Consumer">The name of its consumer.</param>
/// <param name="Types">The types that its filter lets through.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="UserAgent">What it calls itself, shortened and cleaned.</param>
/// <param name="OpenedAt">When it came.</param>
/// <param name="IsExtended">Whether it speaks <c>vzaps.ext.1</c>.</param>
internal sealed record ReaderInfo(
    string Id, RealtimeAccess Access, string Consumer, EventTypeSet Types, string Address, string UserAgent, DateTimeOffset OpenedAt, bool IsExtended)
{
    public InstanceId Instance => Access.Instance.Id;
}
