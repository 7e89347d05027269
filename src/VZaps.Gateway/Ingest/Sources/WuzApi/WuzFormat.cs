using Microsoft.Extensions.Options;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>Requests of wuzapi, signed with a key, or with a secret in their URL.</summary>
internal sealed partial class WuzFormat(
    SourcePublisher publisher, MediaLinks links, SourceDirectory sources, InstanceDirectory instances, IncomingFiles files, SourceMetrics metrics, IOptions<SourceOptions> options, TimeProvider time,
    ILogger<WuzFormat> logger)
    : ISourceFormat
{
    public string Kind => SourceKind.WuzApi;

    public long MaxBodyBytes => options.Value.WuzApiMaxBodyBytes;

    public Task VerifyAsync(HttpContext context, Source source) => throw HttpProblems.MethodNotAllowed("GET", "POST").ToException();

    public async Task ReceiveAsync(HttpContext context, Source source)
    {
        // Before the body is read: who has neither the secret nor a key to have signed with makes nobody write files.
        if (source.SigningKey is null && (source.TokenHash is not { } hash || context.Features.Get<PathSecret>() is not { } given || !Secret.Matches(hash, given.Value)))
        {
            metrics.Refused(Kind);
            throw SourceProblems.UnknownSender.ToException();
        }

        using var body = await WuzBody.ReadAsync(context.Request, source.SigningKey, files, options.Value.WuzApiMaxJsonBytes);
        if (source.SigningKey is not null && !body.IsSigned(context.Request.Headers[WuzBody.Header]))
        {
            metrics.Refused(Kind);
            throw SourceProblems.WrongSignature(WuzBody.Header, "hmac_key").ToException();
        }

        if (body.HasBrokenFile)
            LogBrokenFile(logger, source.Instance.Value);
        await body.KeepFilesAsync();
        var json = body.Json;
        if (WuzOwnNumber.Of(json) is { } phone)
            await sources.LearnAsync(source, waba: null, phone);
        var (identities, now) = (IdentitiesFor(source), time.GetUtcNow());
        await publisher.PublishAsync(source, [.. WuzMapper.Map(json, ContextOf(source, now, body.UserId, identities)).Select(body.WithItsFile)], links.OriginOf(context));
        identities.Keep(now);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    public List<SourceOutcome> Map(Source source, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt) =>
        WuzMapper.Map(body, ContextOf(source, receivedAt, userId: null, IdentitiesFor(source)));

    private BodyIdentities IdentitiesFor(Source source) => new(sources.IdentitiesOf(source));

    private WuzContext ContextOf(Source source, DateTimeOffset receivedAt, string? userId, BodyIdentities identities) =>
        new(receivedAt, userId, instances.TryGet(source.Instance, out var instance) && instance.Connected, source.OwnAddress, identities);

    [LoggerMessage(1415, LogLevel.Warning, "The 'base64' of an event from the WuzAPI source of {InstanceId} is no base64, or stands there twice: the event went out, without that file.")]
    private static partial void LogBrokenFile(ILogger logger, string instanceId);
}
