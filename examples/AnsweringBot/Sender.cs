using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace AnsweringBot;

/// <summary>Posts an answer to whatever sends messages.</summary>
/// <remarks>An event may come twice; the event's id goes along as a key, by which the sender knows an answer that it has sent already.</remarks>
internal sealed class Sender(HttpClient http, Uri address)
{
    public async Task SendAsync(string chat, string text, string idempotencyKey, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["to"] = chat, ["text"] = text };
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json")),
        };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var answer = await http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
