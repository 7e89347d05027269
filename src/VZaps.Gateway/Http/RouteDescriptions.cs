using VZaps.Protocol.Http;

namespace VZaps.Gateway.Http;

/// <summary>What routes say of themselves in the OpenAPI document.</summary>
internal static class RouteDescriptions
{
    /// <summary>The statuses with which a route may refuse, each in the one error shape.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            route.Produces<ErrorAnswer>(status);
        return route;
    }

    /// <summary>The body that a route reads, as JSON (and in other forms, where it says so). Whatever a client calls its body, it is
    /// read as that: <c>curl -d</c> calls everything a form.</summary>
    public static RouteHandlerBuilder AcceptsBody<TBody>(this RouteHandlerBuilder route, params string[] otherTypes)
        where TBody : notnull =>
        // Without the last one, routing itself would refuse every other type with 415.
        route.Accepts<TBody>("application/json", [.. otherTypes, "*/*"]);

    /// <summary>Which credentials a route takes: one of these schemes, each a list of headers that go together.</summary>
    public static RouteHandlerBuilder RequiresCredentials(this RouteHandlerBuilder route, params string[][] alternatives) =>
        route.WithMetadata(new CredentialRequirement(alternatives));
}

/// <summary>The credentials a route takes, by the names of <c>SecuritySchemes</c> in the document.</summary>
internal sealed record CredentialRequirement(string[][] Alternatives)
{
    public const string AccessToken = "access_token", ClientToken = "client_token", InstanceToken = "instance_token";

    /// <summary>The owner's access token, and nothing else.</summary>
    public static string[][] OfAccount { get; } = [[AccessToken]];

    /// <summary>The owner's access token, or the instance token with the client token.</summary>
    public static string[][] OfInstance { get; } = [[AccessToken], [InstanceToken, ClientToken]];
}
