using Microsoft.AspNetCore.Http.Features;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// Gets at the bytes of a WebSocket: it stands in the pipeline before the framework's handshake, and keeps the stream that
/// the handshake opens, over HTTP/1.1 and over HTTP/2.
/// </summary>
internal sealed class WatchedUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, TimeProvider time)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    /// <summary>The connection's stream; null before the handshake.</summary>
    public WrittenStream? Stream { get; private set; }

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    public async Task<Stream> UpgradeAsync() => Stream = new WrittenStream(await upgrade!.UpgradeAsync(), time);

    public async ValueTask<Stream> AcceptAsync() => Stream = new WrittenStream(await connect!.AcceptAsync(), time);

    /// <summary>The middleware.</summary>
    public static void Use(IApplicationBuilder app)
    {
        var time = app.ApplicationServices.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
        {
            var (upgrade, connect) = (context.Features.Get<IHttpUpgradeFeature>(), context.Features.Get<IHttpExtendedConnectFeature>());
            if (upgrade?.IsUpgradableRequest == true || connect?.IsExtendedConnect == true)
            {
                var watched = new WatchedUpgrade(upgrade, connect, time);
                context.Features.Set(watched);
                if (upgrade is not null)
                    context.Features.Set<IHttpUpgradeFeature>(watched);
                if (connect is not null)
                    context.Features.Set<IHttpExtendedConnectFeature>(watched);
            }

            return next(context);
        });
    }
}
