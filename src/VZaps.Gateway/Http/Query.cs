using Microsoft.Extensions.Primitives;

namespace VZaps.Gateway.Http;

/// <summary>Query parameters in either spelling.</summary>
internal static class Query
{
    /// <summary>All values of a parameter, those of its camelCase spelling included; empty where there is none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The name in snake_case.</param>
    public static StringValues GetAll(HttpContext context, string name)
    {
        var query = context.Request.Query;
        var camelCase = OtherSpellings.CamelCase(name);
        // The collection compares without regard to case, so only names of more than one word differ.
        return camelCase == name ? query[name] : StringValues.Concat(query[name], query[camelCase]);
    }

    /// <summary>The first value that is not empty; null where there is none.</summary>
    public static string? Get(HttpContext context, string name) =>
        GetAll(context, name).FirstOrDefault(value => !string.IsNullOrEmpty(value));
}
