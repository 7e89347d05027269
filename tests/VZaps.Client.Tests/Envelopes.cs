namespace VZaps.Client.Tests;

/// <summary>Events of the test instance, numbered from 1.</summary>
internal static class Envelopes
{
    public static string Id(int number) =>
        EventPosition.Create(Protocol.InstanceId.Parse(ScriptedServer.InstanceId), 1_790_000_000_000 + number, number).ToString();

    public static string Json(int number, string type = "Message", string data = "{\"type\":\"Message\"}") =>
        $$"""{"id":"{{Id(number)}}","type":"{{type}}","instance_id":"{{ScriptedServer.InstanceId}}","created_at":"2026-06-23T22:57:17.000Z","data":{{data}}}""";

    /// <summary>The <c>data</c> of a message in a chat.</summary>
    public static string InChat(string chat) => "{\"type\":\"Message\",\"event\":{\"Info\":{\"Chat\":\"" + chat + "\"}}}";

    /// <summary>As the SDK reads it.</summary>
    public static VZapsEvent Read(int number) =>
        Assert.Single(Events.EnvelopeReader.Read(System.Text.Encoding.UTF8.GetBytes(Json(number)), out _));
}
