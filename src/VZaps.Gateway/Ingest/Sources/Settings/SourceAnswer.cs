using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>A source as its owner reads it; no secret but one that was just made.</summary>
internal sealed record SourceAnswer
{
    public required string Kind { get; init; }

    /// <summary>What its sender is given; a secret in it shows when it is made, and as *** afterwards.</summary>
    public required string Url { get; init; }

    /// <summary>Cloud API: the verify token, when it is made, and never again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? VerifyToken { get; init; }

    public string? PhoneNumberId { get; init; }

    public string? WabaId { get; init; }

    /// <summary>Whether bodies have to be signed.</summary>
    public bool IsSigned { get; init; }

    public bool FailedReceipts { get; init; }

    /// <summary>Cloud API: whether there is an access token, with which files are fetched.</summary>
    public bool HasAccessToken { get; init; }

    /// <summary>Whether the instance is connected, as its events say.</summary>
    public bool Connected { get; init; }

    public string? PhoneNumber { get; init; }

    public string? LastSeenAt { get; init; }

    /// <summary>Whether nothing has come for longer than <c>Sources:SilentAfter</c>.</summary>
    public bool Silent { get; init; }

    /// <summary>What became of everything that came: <c>received</c> is the sum of all else.</summary>
    public required SourceCounts Counts { get; init; }

    public required string CreatedAt { get; init; }

    public required string UpdatedAt { get; init; }

    // A record would print the secret.
    public override string ToString() => Kind;
}

/// <summary>Makes answers of sources.</summary>
internal sealed class SourceAnswers(SourceDirectory sources, Instances.InstanceDirectory instances, SilentSources silent, IOptions<PublicAddressOptions> address)
{
    /// <summary>An answer.</summary>
    /// <param name="context">The request, whose host links are made of where no public address is set.</param>
    /// <param name="source">The source.</param>
    /// <param name="newSecret">A secret that was just made for it; null for none.</param>
    public SourceAnswer Of(HttpContext context, Source source, string? newSecret = null)
    {
        var account = sources.AccountOf(source);
        var hasSecretInUrl = source is { Kind: SourceKind.WuzApi, SigningKey: null };
        return new SourceAnswer
        {
            Kind = source.Kind,
            Url = BaseOf(context) + PathSecret.Prefix + source.Id + (hasSecretInUrl ? "/" + (newSecret ?? "***") : ""),
            VerifyToken = source.Kind == SourceKind.Cloud ? newSecret : null,
            PhoneNumberId = source.PhoneNumberId,
            WabaId = source.Waba,
            IsSigned = source.SigningKey is not null,
            FailedReceipts = source.HasFailedReceipts,
            HasAccessToken = source.AccessToken is not null,
            Connected = instances.TryGet(source.Instance, out var instance) && instance.Connected,
            PhoneNumber = source.Phone,
            LastSeenAt = account.LastSeenAt is { } seen ? Rfc3339.ToText(seen) : null,
            Silent = silent.IsSilent(source, account),
            Counts = account.Counts,
            CreatedAt = Rfc3339.ToText(source.CreatedAt),
            UpdatedAt = Rfc3339.ToText(source.UpdatedAt),
        };
    }

    private string BaseOf(HttpContext context) => address.Value.PublicUrl is { Length: > 0 } url
        ? url.TrimEnd('/')
        : $"{context.Request.Scheme}://{context.Request.Host}";
}
