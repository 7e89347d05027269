using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Media;

/// <summary>Section <c>Media</c>: files that events refer to.</summary>
internal sealed class MediaOptions
{
    public const string Section = "Media";

    /// <summary>How long a link is good for. <value>Default 7 days; 1 min to 3,650 days.</value></summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a request for a pending file waits for it. <value>Default 30 s; 0 to 2 min.</value></summary>
    public TimeSpan WaitFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most requests that wait at a time; further ones are answered 202 at once. <value>Default 1,000; 0 to 100,000.</value></summary>
    public int MaxWaiting { get; set; } = 1_000;

    /// <summary>Bytes of a file that is fetched or published. <value>Default 100 MiB, as much as WhatsApp takes; 1 KiB to 2 GiB.</value></summary>
    public long MaxFileBytes { get; set; } = 100L << 20;

    /// <summary>Most requests with a file (multipart) that are read at a time. <value>Default 16; 1 to 10,000.</value></summary>
    public int UploadsAtOnce { get; set; } = 16;

    /// <summary>Those of one instance, so that one whose files come slowly leaves room to the others. <value>Default 4; 1 to 10,000.</value></summary>
    public int UploadsAtOncePerInstance { get; set; } = 4;

    /// <summary>How long one more waits for its turn before it is refused. <value>Default 10 s; 0 to 5 min.</value></summary>
    public TimeSpan UploadTurnTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request with a file may take to come, once it has its turn. <value>Default 10 min; 1 s to 6 h.</value></summary>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an event waits for the database to take what is known of its file, where somebody else writes to it. <value>Default 2 s; 100 ms to 1 min.</value></summary>
    public TimeSpan RegistrationTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Most files that are fetched at a time. <value>Default 8; 1 to 256.</value></summary>
    public int FetchesAtOnce { get; set; } = 8;

    /// <summary>Most of them of one instance, so that a slow server of one does not hold up all others. <value>Default 4; 1 to 256.</value></summary>
    public int FetchesAtOncePerInstance { get; set; } = 4;

    /// <summary>How long one download may take. <value>Default 10 min; 100 ms to 6 h.</value></summary>
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long its server may send nothing. <value>Default 30 s; 100 ms to 10 min.</value></summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait after each failed attempt before the next one; up to a tenth is added. After the last, the file has failed.
    /// <value>Default 5 s, 30 s, 2 min, 10 min, 1 h, 6 h, 24 h; 1 to 50 waits of 100 ms to 30 days.</value></summary>
    public IReadOnlyList<TimeSpan> RetrySchedule { get; set; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromHours(24),
    ];

    /// <summary>Where the Graph API is, with its version. <value>Default <c>https://graph.facebook.com/v23.0</c>.</value></summary>
    public string GraphUrl { get; set; } = "https://graph.facebook.com/v23.0";

    /// <summary>Networks that are not public and may be fetched from all the same, in CIDR form. <value>Default none.</value></summary>
    public IReadOnlyList<string> AllowedNetworks { get; set; } = [];

    /// <summary>How long a file is kept; longer where a retained event refers to it. <value>Default 30 days; 1 h to 3,650 days.</value></summary>
    public TimeSpan RetentionAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Bytes of all files; beyond, the oldest go that no retained event refers to. <value>Default 10 GiB; 1 MiB and up.</value></summary>
    public long RetentionBytes { get; set; } = 10L << 30;

    /// <summary>Bytes of the data folder's disk that files leave free, for the log and the database: below, none is taken in and none is fetched;
    /// with less than an eighth more, the oldest go that no retained event refers to.
    /// <value>Default 1 GiB; 0 for none, and up.</value></summary>
    public long MinFreeBytes { get; set; } = 1L << 30;
}

internal sealed class MediaOptionsValidator : IValidateOptions<MediaOptions>
{
    private const int MaxWaits = 50;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), OneMinute = TimeSpan.FromMinutes(1), OneHour = TimeSpan.FromHours(1);
    private static readonly TimeSpan OneMonth = TimeSpan.FromDays(30), TenYears = TimeSpan.FromDays(3_650);

    public ValidateOptionsResult Validate(string? name, MediaOptions options)
    {
        var mistakes = new OptionMistakes()
            .Require(options.LinkLifetime >= OneMinute && options.LinkLifetime <= TenYears, "Media:LinkLifetime", options.LinkLifetime, "00:01:00 to 3650.00:00:00")
            .Require(options.WaitFor >= TimeSpan.Zero && options.WaitFor <= TimeSpan.FromMinutes(2), "Media:WaitFor", options.WaitFor, "00:00:00 to 00:02:00")
            .Require(options.MaxWaiting is >= 0 and <= 100_000, "Media:MaxWaiting", options.MaxWaiting, "0 to 100000")
            .Require(options.MaxFileBytes is >= 1_024 and <= 2L << 30, "Media:MaxFileBytes", options.MaxFileBytes, "1024 to 2147483648")
            .Require(options.UploadsAtOnce is >= 1 and <= 10_000, "Media:UploadsAtOnce", options.UploadsAtOnce, "1 to 10000")
            .Require(options.UploadTurnTimeout >= TimeSpan.Zero && options.UploadTurnTimeout <= TimeSpan.FromMinutes(5), "Media:UploadTurnTimeout", options.UploadTurnTimeout, "00:00:00 to 00:05:00")
            .Require(options.UploadsAtOncePerInstance is >= 1 and <= 10_000, "Media:UploadsAtOncePerInstance", options.UploadsAtOncePerInstance, "1 to 10000")
            .Require(options.UploadTimeout >= TimeSpan.FromSeconds(1) && options.UploadTimeout <= TimeSpan.FromHours(6), "Media:UploadTimeout", options.UploadTimeout, "00:00:01 to 06:00:00")
            .Require(options.RegistrationTimeout >= Shortest && options.RegistrationTimeout <= OneMinute, "Media:RegistrationTimeout", options.RegistrationTimeout, "00:00:00.1 to 00:01:00")
            .Require(options.FetchesAtOnce is >= 1 and <= 256, "Media:FetchesAtOnce", options.FetchesAtOnce, "1 to 256")
            .Require(options.FetchesAtOncePerInstance is >= 1 and <= 256, "Media:FetchesAtOncePerInstance", options.FetchesAtOncePerInstance, "1 to 256")
            .Require(options.FetchTimeout >= Shortest && options.FetchTimeout <= TimeSpan.FromHours(6), "Media:FetchTimeout", options.FetchTimeout, "00:00:00.1 to 06:00:00")
            .Require(options.StallTimeout >= Shortest && options.StallTimeout <= TimeSpan.FromMinutes(10), "Media:StallTimeout", options.StallTimeout, "00:00:00.1 to 00:10:00")
            .Require(options.RetrySchedule.Count is >= 1 and <= MaxWaits, "Media:RetrySchedule", $"{options.RetrySchedule.Count} waits", "1 to 50")
            .Require(IsHttp(options.GraphUrl), "Media:GraphUrl", options.GraphUrl, "an absolute http or https URL, without a query")
            .Require(options.RetentionAge >= OneHour && options.RetentionAge <= TenYears, "Media:RetentionAge", options.RetentionAge, "01:00:00 to 3650.00:00:00")
            .Require(options.RetentionBytes >= 1L << 20, "Media:RetentionBytes", options.RetentionBytes, "1048576 and up")
            .Require(options.MinFreeBytes >= 0, "Media:MinFreeBytes", options.MinFreeBytes, "0 and up");
        for (var place = 0; place < options.RetrySchedule.Count; place++)
        {
            var wait = options.RetrySchedule[place];
            mistakes.Require(wait >= Shortest && wait <= OneMonth, $"Media:RetrySchedule:{place}", wait, "00:00:00.1 to 30.00:00:00");
        }

        return AllowedNetworks.Require(mistakes, "Media:AllowedNetworks", options.AllowedNetworks).ToResult();
    }

    private static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https") && url.Query.Length == 0;
}
