using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Tells of sources from which nothing has come for long: their sender may have lost the URL, or its account. Thread-safe.</summary>
internal sealed partial class SilentSources(SourceDirectory sources, SourceMetrics metrics, IOptions<SourceOptions> options, TimeProvider time, ILogger<SilentSources> logger)
{
    /// <summary>Whether a source is silent. One that never heard anything is since it was set.</summary>
    public bool IsSilent(Source source, SourceAccount account) =>
        options.Value.SilentAfter > TimeSpan.Zero && time.GetUtcNow() - (account.LastSeenAt ?? source.UpdatedAt) > options.Value.SilentAfter;

    /// <summary>Looks at all of them; each is told of once, and once more when it speaks again.</summary>
    public void Look()
    {
        var silent = 0;
        foreach (var (source, account) in sources.All)
        {
            var isSilent = IsSilent(source, account);
            silent += isSilent ? 1 : 0;
            if (isSilent == account.IsToldSilent)
                continue;
            account.IsToldSilent = isSilent;
            if (isSilent)
                LogSilent(logger, source.Kind, source.Instance.Value, options.Value.SilentAfter);
            else
                LogSpeaks(logger, source.Kind, source.Instance.Value);
        }

        metrics.Silent(silent);
    }

    [LoggerMessage(1421, LogLevel.Warning, "Nothing has come from the {Kind} source of {InstanceId} for {SilentAfter} (Sources:SilentAfter). See that its sender runs and has the right URL.")]
    private static partial void LogSilent(ILogger logger, string kind, string instanceId, TimeSpan silentAfter);

    [LoggerMessage(1422, LogLevel.Information, "The {Kind} source of {InstanceId} speaks again.")]
    private static partial void LogSpeaks(ILogger logger, string kind, string instanceId);
}
