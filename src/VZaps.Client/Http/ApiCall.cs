using System.Net.Http.Headers;

namespace VZaps.Client.Http;

/// <summary>One HTTP call before it is sent; it can be sent twice, unless it says otherwise.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Route">Begins with a slash, escaped, and may have a query.</param>
/// <param name="Body">JSON in UTF-8; null for no body.</param>
internal sealed record ApiCall(HttpMethod Method, string Route, byte[]? Body)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json") { CharSet = "utf-8" };

    /// <summary>Goes with the client token in place of the access token; null for a call by the account.</summary>
    public string? InstanceToken { get; init; }

    /// <summary>Makes a body that is no JSON, for each time that it is sent; null for <see cref="Body"/>.</summary>
    public Func<HttpContent>? NewContent { get; init; }

    /// <summary>Whether the body can be sent from its beginning; null where it always can.</summary>
    public Func<bool>? IsBodyWhole { get; init; }

    /// <summary>False for a body that can be read once, and was: what the server did not take cannot be sent again.</summary>
    public bool CanBeSentAgain => IsBodyWhole?.Invoke() ?? true;

    /// <summary>Whether it changes nothing although its method might: the contract lists and searches by POST.</summary>
    public bool IsRead { get; init; }

    /// <summary>Whether it can be sent twice and do no more than once.</summary>
    public bool IsRepeatable => IsRead || Method == HttpMethod.Get || Method == HttpMethod.Head || Method == HttpMethod.Options;

    /// <summary>Method and route without query, as error texts name the call.</summary>
    public string Name => $"{Method} {Route.Split('?')[0]}";

    public HttpRequestMessage ToRequest(Uri address)
    {
        var request = new HttpRequestMessage(Method, address);
        request.Headers.Accept.ParseAdd("application/json");
        if (Body is not null)
        {
            request.Content = new ByteArrayContent(Body);
            request.Content.Headers.ContentType = Json;
        }

        if (NewContent is not null)
        {
            request.Content = NewContent();
            // It may be large, and a server that refuses it need not have it first.
            request.Headers.ExpectContinue = true;
        }

        return request;
    }

    // A record would print its properties, the token among them.
    public override string ToString() => Name;
}
