using Microsoft.AspNetCore.Http.Features;

namespace VZaps.Gateway.Realtime;

/// <summary>Puts a <see cref="WrittenStream"/> under the WebSocket of a request: it stands in the pipeline before the one that
/// speaks WebSocket.</summary>
internal sealed class WatchedUpgrade(IHttpUpgradeFeature inner, TimeProvider time) : IHttpUpgradeFeature
{
    /// <summary>The connection's stream; null before the upgrade.</summary>
    public WrittenStream? Stream { get; private set; }

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => Stream = new WrittenStream(await inner.UpgradeAsync(), time);

    /// <summary>The middleware.</summary>
    public static void Use(IApplicationBuilder app)
    {
        var time = app.ApplicationServices.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
                context.Features.Set<IHttpUpgradeFeature>(new WatchedUpgrade(upgrade, time));
            return next(context);
        });
    }
}
