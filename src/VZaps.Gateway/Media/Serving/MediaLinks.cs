using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>Makes and checks the links of files: signed, for one file of one instance, until a time. Thread-safe.</summary>
internal sealed class MediaLinks(DataFolder folder, IOptions<MediaOptions> options, IOptions<PublicAddressOptions> address, TimeProvider time)
{
    public const string Path = "/media/";

    private const string KeyFileName = "media.key", InstanceName = "instance_id", ExpiresName = "expires";
    private const int KeyBytes = 32, MaxHostLength = 256;

    private readonly MadeOnce<byte[]> _key = new(() => folder.ReadOrMakeKey(KeyFileName, KeyBytes, "all links of files"));

    /// <summary>What links of a request are made of: <c>PublicUrl</c>, or the request's own host.</summary>
    /// <exception cref="ProblemException">400: the host is longer than any is.</exception>
    public string OriginOf(HttpContext context)
    {
        if (address.Value.PublicUrl is { Length: > 0 } url)
            return url.TrimEnd('/');
        return context.Request.Host.Value is { Length: <= MaxHostLength } host
            ? $"{context.Request.Scheme}://{host}"
            : throw HttpProblems.BadRequest(400).ToException();
    }

    /// <summary>A link that is good from now on.</summary>
    public string Make(string origin, MediaId id, InstanceId instance) => Make(origin, id, instance, (time.GetUtcNow() + options.Value.LinkLifetime).ToUnixTimeSeconds());

    /// <summary>A link that is good until a time.</summary>
    /// <param name="origin">As <see cref="OriginOf"/> tells.</param>
    /// <param name="id">The file.</param>
    /// <param name="instance">Whose it is.</param>
    /// <param name="expires">Unix seconds.</param>
    public string Make(string origin, MediaId id, InstanceId instance, long expires) =>
        $"{origin}{Path}{id}?{InstanceName}={instance}&{ExpiresName}={expires}&{QueryCredentials.Signature}={Sign(id, instance, expires)}";

    /// <summary>The instance whose file a request may have, and until when, in Unix seconds.</summary>
    /// <exception cref="ProblemException">403.</exception>
    public (InstanceId Instance, long Expires) Require(HttpContext context, MediaId id)
    {
        var query = context.Request.Query;
        if (!InstanceId.TryParse(query[InstanceName].ToString(), out var instance)
            || !long.TryParse(query[ExpiresName].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            || context.Features.Get<QueryCredentials>()?.Get(QueryCredentials.Signature) is not { } given
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(id, instance, expires)), Encoding.UTF8.GetBytes(given)))
        {
            throw MediaProblems.LinkInvalid.ToException();
        }

        return time.GetUtcNow().ToUnixTimeSeconds() < expires ? (instance, expires) : throw MediaProblems.LinkExpired.ToException();
    }

    private string Sign(MediaId id, InstanceId instance, long expires) => Base64Url.EncodeToString(
        HMACSHA256.HashData(_key.Value, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"media\n{id}\n{instance}\n{expires}"))));
}
