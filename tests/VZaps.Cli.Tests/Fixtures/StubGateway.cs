using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VZaps.Cli.Gateways;
using VZaps.Cli.Profiles;

namespace VZaps.Cli.Tests.Fixtures;

/// <summary>A real Kestrel that answers what the test says and shows what came in.</summary>
internal sealed class StubGateway : IAsyncDisposable
{
    public const string InstanceId = "VZ0123456789ABCDEFGHIJKLMNOPQRSTUV";
    public const string InstanceToken = "instance-secret-c2f1";
    public const string ClientToken = "client-public-77aa";
    public const string ClientSecret = "client-secret-90e3";

    private readonly WebApplication _app;
    private readonly Func<SeenRequest, StubAnswer> _answer;

    private StubGateway(WebApplication app, Func<SeenRequest, StubAnswer> answer) => (_app, _answer) = (app, answer);

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public Uri Address => new(_app.Urls.Single());

    /// <summary>The profile of the instance token, as the environment would have it.</summary>
    public Dictionary<string, string> Environment => new(StringComparer.Ordinal)
    {
        ["VZAPS_BASE_URL"] = Address.ToString(),
        ["VZAPS_CLIENT_TOKEN"] = ClientToken,
        ["VZAPS_INSTANCE_ID"] = InstanceId,
        ["VZAPS_INSTANCE_TOKEN"] = InstanceToken,
    };

    /// <summary>Starts it.</summary>
    /// <param name="answer">Answers each request; its status 0 cuts the connection instead.</param>
    public static async Task<StubGateway> StartAsync(Func<SeenRequest, StubAnswer> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new StubGateway(app, answer);
        app.Run(stub.AnswerAsync);
        await app.StartAsync();
        return stub;
    }

    public InstanceApi CreateApi(bool asAccount = false, TimeSpan? timeout = null) => new(
        Access.Of(Address, new Profile
        {
            ClientToken = ClientToken,
            InstanceId = InstanceId,
            ClientSecret = asAccount ? ClientSecret : null,
            InstanceToken = asAccount ? null : InstanceToken,
        }),
        timeout);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var seen = new SeenRequest(
            context.Request.Method,
            context.Request.Path.Value! + context.Request.QueryString.Value,
            await reader.ReadToEndAsync(),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        Requests.Enqueue(seen);
        var answer = _answer(seen);
        if (answer.Status == 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString();
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.Body);
    }
}

/// <summary>A request as the stub got it.</summary>
internal sealed record SeenRequest(string Method, string Route, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public string[] Lines => Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>What the stub answers.</summary>
internal sealed record StubAnswer(int Status, string Body = "", int? RetryAfterSeconds = null)
{
    public static StubAnswer Lost { get; } = new(0);

    public Dictionary<string, string> Headers { get; init; } = [];

    public static StubAnswer Data(string json) => new(200, $$"""{"code":200,"success":true,"data":{{json}}}""");

    public static StubAnswer Refusal(int status, string code, string message = "No.", int? index = null, int? retryAfterSeconds = null) => new(
        status,
        $$"""{"code":{{status}},"success":false,"error":"{{code}}","message":"{{message}}"{{(index is null ? "" : $",\"index\":{index}")}}}""",
        retryAfterSeconds);

    /// <summary>The answer to a publish: an id for each line, made of the line's number in the request.</summary>
    public static StubAnswer Published(SeenRequest request) =>
        Data($$"""{"ids":[{{string.Join(',', request.Lines.Select((_, i) => $"\"evt_{i}\""))}}],"duplicates":[]}""");
}
