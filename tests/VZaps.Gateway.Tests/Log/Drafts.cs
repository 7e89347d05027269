using System.Text;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Events to append.</summary>
internal static class Drafts
{
    public static EventDraft Of(InstanceId instance, EventType type, string? key = null, string data = "{}")
    {
        var body = Encoding.UTF8.GetBytes(data);
        var envelope = new byte[EnvelopeWriter.Measure(type, body.Length)];
        EnvelopeWriter.Write(type, instance, DateTimeOffset.UnixEpoch, [], body, envelope);
        return new EventDraft(type, envelope, key is null ? default : Encoding.UTF8.GetBytes(key));
    }
}
