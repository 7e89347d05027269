using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace VZaps.Gateway.Http;

/// <summary>JSON as the contract has it: snake_case out, snake_case and camelCase in, unknown fields ignored.</summary>
internal static class WireJson
{
    /// <summary>Bytes of a body that a route takes unless it says otherwise: far more than any account or instance has to say.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>For writing answers and reading bodies. Nulls are written: an answer always has all of its fields.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Reads a body of at most <see cref="MaxBodyBytes"/>; refuses with 400 what is not the JSON asked for, naming the place.</summary>
    /// <exception cref="ProblemException">400 or 413.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, CancellationToken cancellationToken)
        where T : class
    {
        var body = await ReadBodyAsync(context.Request, cancellationToken);
        if (body.Length == 0)
            throw HttpProblems.InvalidJson("The body is empty; send a JSON object.").ToException();
        return Parse<T>(body.GetBuffer().AsSpan(0, (int)body.Length));
    }

    /// <summary>As <see cref="ReadAsync{T}"/>; an empty body gives an object with its defaults.</summary>
    /// <exception cref="ProblemException">400 or 413.</exception>
    public static async ValueTask<T> ReadOrDefaultAsync<T>(HttpContext context, CancellationToken cancellationToken)
        where T : class, new()
    {
        var body = await ReadBodyAsync(context.Request, cancellationToken);
        return body.Length == 0 ? new T() : Parse<T>(body.GetBuffer().AsSpan(0, (int)body.Length));
    }

    /// <summary>Reads JSON that is in memory already.</summary>
    /// <exception cref="ProblemException">400, naming the place.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> utf8)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(utf8, Options)
                ?? throw HttpProblems.InvalidBody("The body is null; send a JSON object.").ToException();
        }
        catch (JsonException wrong)
        {
            throw Refusal(wrong).ToException();
        }
    }

    // The serializer's own texts name .NET types and may quote values; a client needs the place.
    private static Problem Refusal(JsonException wrong)
    {
        var place = $"line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}";
        // For broken syntax the reader's exception is the inner one; for a value of the wrong type it is none, or a converter's.
        if (wrong.InnerException is JsonException || wrong.Path is not { Length: > 0 } path)
            return HttpProblems.InvalidJson($"The body is not well-formed JSON ({place}).");
        return HttpProblems.InvalidBody(path == "$"
            ? "The body has to be a JSON object."
            : $"{path} is not of the type that this route takes ({place}).");
    }

    private static async ValueTask<MemoryStream> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBodyBytes)
            throw HttpProblems.BodyTooLarge(MaxBodyBytes).ToException();
        var read = new MemoryStream();
        var buffer = new byte[4096];
        while (await request.Body.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (read.Length + count > MaxBodyBytes)
                throw HttpProblems.BodyTooLarge(MaxBodyBytes).ToException();
            read.Write(buffer, 0, count);
        }

        return read;
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            // Answers are JSON and nothing else; escaping for HTML would only make names in other scripts unreadable.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OtherSpellings.Accept } },
        };
        options.MakeReadOnly();
        return options;
    }
}
