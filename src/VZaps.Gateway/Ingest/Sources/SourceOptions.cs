using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Section <c>Sources</c>: what comes in from WhatsApp, and how much of it.</summary>
internal sealed class SourceOptions
{
    public const string Section = "Sources";

    /// <summary>Bytes of one body of the Cloud API. <value>Default 4 MiB, as Meta sends up to 3; 3 MiB to 64 MiB.</value></summary>
    public int CloudMaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes of one body of wuzapi, with the file in it. <value>Default 150 MiB; 1 MiB to 2 GiB.</value></summary>
    public long WuzApiMaxBodyBytes { get; set; } = 150L * 1024 * 1024;

    /// <summary>Bytes of one body of wuzapi without the file: this much is held in memory. <value>Default 32 MiB; 1 MiB to 256 MiB.</value></summary>
    public int WuzApiMaxJsonBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Bodies of all sources that are read at the same time: this bounds the memory and the files of all of them. <value>Default 16; 1 to 10,000.</value></summary>
    public int MaxBodiesAtOnce { get; set; } = 16;

    /// <summary>Those of one source, so that one whose bodies come slowly leaves room to the others. <value>Default 8; 1 to 10,000.</value></summary>
    public int MaxBodiesAtOncePerSource { get; set; } = 8;

    /// <summary>How long one more waits for its turn before it is refused: some senders do not come again. <value>Default 10 s; 0 to 5 min.</value></summary>
    public TimeSpan TurnTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a body may take to come, once it is its turn; the senders themselves wait for no more than half a minute. <value>Default 2 min; 1 s to 1 h.</value></summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>People of whom one source remembers which phone belongs to their other id; who was not told of for longest is forgotten. <value>Default 20,000; 0 for none, to 1,000,000.</value></summary>
    public int IdentitiesPerSource { get; set; } = 20_000;

    /// <summary>How long a payload that could not be mapped is kept. <value>Default 7 days; 1 h to 365 days.</value></summary>
    public TimeSpan KeptAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Payloads that one source may have kept; the oldest goes. <value>Default 1,000; 1 to 100,000.</value></summary>
    public int KeptPerSource { get; set; } = 1_000;

    /// <summary>Bytes of payloads that one source may have kept; the oldest go. <value>Default 64 MiB; 1 MiB to 10 GiB.</value></summary>
    public long KeptBytesPerSource { get; set; } = 64L * 1024 * 1024;

    /// <summary>After what time without a request a source counts as silent. <value>Default 24 h; 0 for never, 1 min to 365 days.</value></summary>
    public TimeSpan SilentAfter { get; set; } = TimeSpan.FromHours(24);
}

internal sealed class SourceOptionsValidator : IValidateOptions<SourceOptions>
{
    private const int MiB = 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, SourceOptions options) => new OptionMistakes()
        .Require(options.CloudMaxBodyBytes is >= 3 * MiB and <= 64 * MiB, "Sources:CloudMaxBodyBytes", options.CloudMaxBodyBytes, "3145728 to 67108864")
        .Require(options.WuzApiMaxBodyBytes is >= MiB and <= 2048L * MiB, "Sources:WuzApiMaxBodyBytes", options.WuzApiMaxBodyBytes, "1048576 to 2147483648")
        .Require(options.WuzApiMaxJsonBytes is >= MiB and <= 256 * MiB, "Sources:WuzApiMaxJsonBytes", options.WuzApiMaxJsonBytes, "1048576 to 268435456")
        .Require(options.MaxBodiesAtOnce is >= 1 and <= 10_000, "Sources:MaxBodiesAtOnce", options.MaxBodiesAtOnce, "1 to 10000")
        .Require(options.MaxBodiesAtOncePerSource is >= 1 and <= 10_000, "Sources:MaxBodiesAtOncePerSource", options.MaxBodiesAtOncePerSource, "1 to 10000")
        .Require(options.TurnTimeout >= TimeSpan.Zero && options.TurnTimeout <= TimeSpan.FromMinutes(5), "Sources:TurnTimeout", options.TurnTimeout, "00:00:00 to 00:05:00")
        .Require(options.BodyTimeout >= TimeSpan.FromSeconds(1) && options.BodyTimeout <= TimeSpan.FromHours(1), "Sources:BodyTimeout", options.BodyTimeout, "00:00:01 to 01:00:00")
        .Require(options.IdentitiesPerSource is >= 0 and <= 1_000_000, "Sources:IdentitiesPerSource", options.IdentitiesPerSource, "0 to 1000000")
        .Require(options.KeptAge >= TimeSpan.FromHours(1) && options.KeptAge <= TimeSpan.FromDays(365), "Sources:KeptAge", options.KeptAge, "01:00:00 to 365.00:00:00")
        .Require(options.KeptPerSource is >= 1 and <= 100_000, "Sources:KeptPerSource", options.KeptPerSource, "1 to 100000")
        .Require(options.KeptBytesPerSource is >= MiB and <= 10_240L * MiB, "Sources:KeptBytesPerSource", options.KeptBytesPerSource, "1048576 to 10737418240")
        .Require(
            options.SilentAfter == TimeSpan.Zero || (options.SilentAfter >= TimeSpan.FromMinutes(1) && options.SilentAfter <= TimeSpan.FromDays(365)),
            "Sources:SilentAfter", options.SilentAfter, "00:00:00 (never), or 00:01:00 to 365.00:00:00")
        .ToResult();
}
