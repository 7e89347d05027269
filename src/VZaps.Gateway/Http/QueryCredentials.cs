using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace VZaps.Gateway.Http;

/// <summary>The credentials that were in the query, and are so no longer.</summary>
internal sealed class QueryCredentials
{
    public const string AccessToken = "access_token", ClientToken = "client_token", InstanceToken = "instance_token";

    /// <summary>Of a link of a file: whoever has it has the file.</summary>
    public const string Signature = "signature";

    private readonly List<(string Name, string Value)> _taken = [];

    /// <summary>Bytes of path and query as they came, with the credentials.</summary>
    public int TargetLength { get; private set; }

    /// <summary>A parameter's value; null where it is absent or empty. Different values of one parameter come comma-separated,
    /// which no credential is.</summary>
    public string? Get(string name)
    {
        var values = _taken.Where(taken => taken.Name == Normalized(name) && taken.Value.Length > 0).Select(taken => taken.Value).Distinct().ToArray();
        return values.Length == 0 ? null : string.Join(',', values);
    }

    /// <summary>
    /// Takes the credentials out of a request, before anything that logs or traces has seen it, and keeps them as a feature.
    /// </summary>
    public static void TakeFrom(IFeatureCollection features)
    {
        var request = features.Get<IHttpRequestFeature>();
        if (request is null || request.QueryString.Length < 2)
            return;
        var taken = new QueryCredentials();
        var rest = taken.Take(request.QueryString);
        if (taken._taken.Count == 0)
            return;
        request.QueryString = rest;
        var target = request.RawTarget;
        taken.TargetLength = target.Length;
        var queryStart = target.IndexOf('?', StringComparison.Ordinal);
        if (queryStart >= 0)
            request.RawTarget = string.Concat(target.AsSpan(0, queryStart), rest);
        features.Set(taken);
    }

    private string Take(string queryString)
    {
        var rest = new StringBuilder(queryString.Length);
        foreach (var parameter in queryString[1..].Split('&'))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = Normalized(Decoded(equals < 0 ? parameter : parameter[..equals]));
            if (IsCredential(name))
                _taken.Add((name, equals < 0 ? "" : Decoded(parameter[(equals + 1)..])));
            else
                rest.Append(rest.Length == 0 ? '?' : '&').Append(parameter);
        }

        return rest.ToString();
    }

    // Spelled in whatever way: a secret under a name that is nearly right must not be logged either.
    private static string Normalized(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim().ToLowerInvariant();

    private static bool IsCredential(string normalizedName) =>
        normalizedName is "accesstoken" or "clienttoken" or "instancetoken" or "clientsecret" or "token" or "authorization" or Signature;

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>Makes contexts whose query and path hold no credential. The host logs and traces a request's target before any
/// middleware runs, so this is the last place early enough.</summary>
internal sealed class CredentialFreeContextFactory(IServiceProvider services) : IHttpContextFactory
{
    private readonly DefaultHttpContextFactory _inner = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        QueryCredentials.TakeFrom(featureCollection);
        PathSecret.TakeFrom(featureCollection);
        return _inner.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => _inner.Dispose(httpContext);
}
