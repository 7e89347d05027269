using System.Text.Json.Nodes;

namespace VZaps.Cli.Demo.Screen;

/// <summary>The command that publishes one more event, for a POSIX shell.</summary>
internal static class CurlLine
{
    public const string Text = "Hello from curl";

    public static string Of(DemoAddress address)
    {
        var body = new JsonObject
        {
            ["type"] = "Message",
            ["data"] = new JsonObject
            {
                ["event"] = new JsonObject
                {
                    ["Info"] = new JsonObject
                    {
                        ["Chat"] = "12025550188@s.whatsapp.net",
                        ["Sender"] = "12025550188@s.whatsapp.net",
                        ["PushName"] = "You",
                        ["IsFromMe"] = false,
                    },
                    ["Message"] = new JsonObject { ["conversation"] = Text },
                },
            },
        };
        var route = new Uri(address.Gateway, $"/instances/{address.InstanceId}/events");
        return $"curl -sS -w '\\n' {route} -H 'Content-Type: application/json'"
            + $" -H 'X-Instance-Token: {address.InstanceToken}' -H 'X-Client-Token: {address.ClientToken}' -d '{body.ToJsonString()}'";
    }
}
