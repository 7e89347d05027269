using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace VZaps.Client.Tests.Media;

/// <summary>A real server with one file, which does to it what the test says.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    public const string Link = "/media/med_4T9QF0X2M7C1ZJ8B6RWD5N3KHE";
    public const string Secret = "kX3-signature";
    private readonly ScriptedServer _server;

    private FileServer(ScriptedServer server)
    {
        _server = server;
        server.Other = AnswerAsync;
    }

    public static byte[] Bytes { get; } = RandomNumberGenerator.GetBytes(300_000);

    public static string Sha256 { get; } = Hash(Bytes);

    /// <summary>What is done to the next requests for the file, first come first; true where it was answered.</summary>
    public ConcurrentQueue<Func<HttpContext, Task>> Next { get; } = new();

    /// <summary>Each request for the file: its <c>Range</c> and <c>If-Range</c>.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>The names and values of all headers that came.</summary>
    public ConcurrentQueue<string> Headers { get; } = new();

    public byte[] Content { get; set; } = Bytes;

    public string? ETag { get; set; } = $"\"{Sha256}\"";

    public DateTimeOffset? LastModified { get; set; }

    /// <summary>Whether it gives parts at all.</summary>
    public bool TakesRanges { get; set; } = true;

    /// <summary>Whether it says how long the file is.</summary>
    public bool SaysLength { get; set; } = true;

    public Uri Address => _server.Address;

    public string Url => $"{_server.Address}{Link[1..]}?instance_id=VZ1&expires=1&signature={Secret}";

    public static async Task<FileServer> StartAsync() => new(await ScriptedServer.StartAsync());

    public static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The next request gets the file up to a place, and then the connection ends.</summary>
    public void CutAt(int place) => Next.Enqueue(async context =>
    {
        await SendAsync(context, place);
        context.Abort();
    });

    public void RefuseNext(int status, string error, string message = "Refused by the test.") => Next.Enqueue(context => ScriptedServer.RefuseAsync(context, status, error, message));

    /// <summary>The file, or the rest of it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="until">Where it ends before its time.</param>
    public async Task SendAsync(HttpContext context, int? until = null)
    {
        var (request, response) = (context.Request.GetTypedHeaders(), context.Response);
        var from = 0;
        if (ETag is not null)
            response.Headers.ETag = ETag;
        response.GetTypedHeaders().LastModified = LastModified;
        if (TakesRanges && request.Range?.Ranges.Single().From is { } place && IsSame(request.IfRange))
        {
            if (place >= Content.Length)
            {
                response.StatusCode = 416;
                response.Headers[HeaderNames.ContentRange] = $"bytes */{Content.Length}";
                response.Headers.Remove(HeaderNames.ETag);
                return;
            }

            from = (int)place;
            response.StatusCode = 206;
            response.Headers[HeaderNames.ContentRange] = $"bytes {from}-{Content.Length - 1}/{Content.Length}";
        }

        if (SaysLength)
            response.ContentLength = Content.Length - from;
        await response.Body.WriteAsync(Content.AsMemory(from..(until ?? Content.Length)));
        await response.Body.FlushAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private bool IsSame(RangeConditionHeaderValue? condition) => condition is null
        || (condition.EntityTag is { } tag ? tag.ToString() == ETag : condition.LastModified == LastModified);

    private Task AnswerAsync(HttpContext context)
    {
        foreach (var (name, value) in context.Request.Headers)
            Headers.Enqueue($"{name}: {value}");
        Asked.Enqueue($"{context.Request.Headers.Range}|{context.Request.Headers.IfRange}");
        return Next.TryDequeue(out var answer) ? answer(context) : SendAsync(context);
    }
}
