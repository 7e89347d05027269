using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary><c>/sources/{id}</c>: the URL that is given to the sender of a source. A secret behind it is taken off before (<see cref="PathSecret"/>).</summary>
internal sealed class SenderRoutes(SourceDirectory sources, IEnumerable<ISourceFormat> formats, DrainState draining, IOptions<SourceOptions> options, TimeProvider time)
{
    private readonly Dictionary<string, ISourceFormat> _formats = formats.ToDictionary(format => format.Kind, StringComparer.Ordinal);
    private readonly BodyTurns<string> _turns = new(options.Value.MaxBodiesAtOnce, options.Value.MaxBodiesAtOncePerSource, options.Value.TurnTimeout, time);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(PathSecret.Prefix + "{sourceId}", (HttpContext context, string sourceId, SenderRoutes senders) => senders.VerifyAsync(context, sourceId))
            .WithName("verifySource").WithTags("Sources").WithSummary("For the Cloud API: the handshake of a webhook")
            .Produces<string>(200, "text/plain").ProducesProblems(403, 404, 405);
        routes.MapPost(PathSecret.Prefix + "{sourceId}", (HttpContext context, string sourceId, SenderRoutes senders) => senders.ReceiveAsync(context, sourceId))
            .WithName("receiveSource").WithTags("Sources").WithSummary("For the sender of a source: its payload, answered when all of it is durable")
            .AcceptsBody<object>("application/x-www-form-urlencoded", "multipart/form-data")
            .Produces(200).ProducesProblems(400, 401, 404, 408, 413, 503);
    }

    /// <summary>The format of a kind.</summary>
    public ISourceFormat FormatOf(Source source) => _formats[source.Kind];

    private Task VerifyAsync(HttpContext context, string id)
    {
        var (source, _) = Find(id);
        return FormatOf(source).VerifyAsync(context, source);
    }

    private async Task ReceiveAsync(HttpContext context, string id)
    {
        if (draining.IsDraining)
            throw HttpProblems.Draining(draining.RetryAfter).ToException();
        var (source, account) = Find(id);
        var format = FormatOf(source);
        if (context.Request.ContentLength > format.MaxBodyBytes)
            throw SourceProblems.BodyTooLarge(format.MaxBodyBytes, source.Kind == SourceKind.Cloud ? "Sources:CloudMaxBodyBytes" : "Sources:WuzApiMaxBodyBytes").ToException();
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = format.MaxBodyBytes;
        using var turn = await _turns.TakeAsync(source.Id, context.RequestAborted) ?? throw SourceProblems.TooBusy.ToException();
        await ReceiveInTimeAsync(context, source, format);
        account.Seen(time.GetUtcNow());
    }

    /// <summary>The server ends a body that comes at less than 240 bytes a second on average: one of what wuzapi may send could hold a turn for a week.</summary>
    private async Task ReceiveInTimeAsync(HttpContext context, Source source, ISourceFormat format)
    {
        using var late = new CancellationTokenSource(options.Value.BodyTimeout, time);
        await using var end = late.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), context.Request.BodyReader);
        try
        {
            await format.ReceiveAsync(context, source);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw SourceProblems.BodyTimeout(options.Value.BodyTimeout).ToException();
        }
    }

    private (Source Source, SourceAccount Account) Find(string id) =>
        sources.TryGet(id, out var source, out var account) ? (source, account) : throw SourceProblems.UnknownSender.ToException();
}
