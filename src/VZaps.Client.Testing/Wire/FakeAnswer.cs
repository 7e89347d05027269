using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace VZaps.Client.Testing.Wire;

/// <summary>Answers in the form that all of the gateway's have.</summary>
internal static class FakeAnswer
{
    public static HttpResponseMessage Refuse(HttpStatusCode status, string error, string message)
    {
        var body = new JsonObject { ["code"] = (int)status, ["success"] = false, ["error"] = error, ["message"] = message };
        return Json(status, body.ToJsonString());
    }

    public static HttpResponseMessage Data(HttpStatusCode status, JsonNode data) =>
        Json(status, string.Create(CultureInfo.InvariantCulture, $$"""{"code":{{(int)status}},"success":true,"data":{{data.ToJsonString()}}}"""));

    public static HttpResponseMessage Json(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
}
