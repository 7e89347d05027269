using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace VZaps.Client.Configuration;

/// <summary>The options after the environment and the defaults were put in and everything was checked: never changes.</summary>
internal sealed class ClientSettings
{
    public const string BaseUrlVariable = "VZAPS_BASE_URL";
    public const string ConsumerVariable = "VZAPS_CONSUMER";
    private static readonly Uri DefaultBaseUrl = new("http://localhost:8080");

    public required string ClientToken { get; init; }
    public required string ClientSecret { get; init; }
    public required Func<CancellationToken, Task<string>>? GetToken { get; init; }
    public required ServiceAddress Api { get; init; }
    public required ServiceAddress Realtime { get; init; }
    public required string? Consumer { get; init; }
    public required TimeSpan RequestTimeout { get; init; }
    public required int MaxCallRetries { get; init; }
    public required TimeSpan ConnectTimeout { get; init; }
    public required TimeSpan KeepAliveInterval { get; init; }
    public required TimeSpan KeepAliveTimeout { get; init; }
    public required TimeSpan CloseTimeout { get; init; }
    public required bool UseExtension { get; init; }
    public required TimeSpan FailedEventDelay { get; init; }
    public required TimeSpan MaxHandlerTime { get; init; }
    public required int MaxQueuedEvents { get; init; }
    public required int MaxMessageBytes { get; init; }
    public required TimeSpan MediaPendingTimeout { get; init; }
    public required TimeSpan MediaStallTimeout { get; init; }
    public required int MaxMediaResumes { get; init; }
    public required ILoggerFactory Loggers { get; init; }
    public required TimeProvider Time { get; init; }

    /// <summary>Reads the options; every mistake goes into one exception.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    public static ClientSettings From(VZapsClientOptions options, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = new OptionCheck();
        check.Credential(nameof(options.ClientToken), options.ClientToken);
        if (options.GetTokenAsync is null)
            check.Credential(nameof(options.ClientSecret), options.ClientSecret);
        else
            check.Absent(nameof(options.ClientSecret), options.ClientSecret, nameof(options.GetTokenAsync));
        var baseUrl = check.Address(nameof(options.BaseUrl), options.BaseUrl, BaseUrlVariable, environment) ?? DefaultBaseUrl;
        check.Scheme(nameof(options.BaseUrl), baseUrl, "http", "https");
        var realtimeUrl = options.RealtimeUrl ?? ServiceAddress.WithRealtimeScheme(baseUrl);
        if (options.RealtimeUrl is not null)
            check.Scheme(nameof(options.RealtimeUrl), realtimeUrl, "ws", "wss");
        var consumer = options.Consumer ?? NullWhenEmpty(environment(ConsumerVariable));
        check.Consumer(options.Consumer is null ? ConsumerVariable : nameof(options.Consumer), consumer);
        check.Range(nameof(options.RequestTimeout), options.RequestTimeout, OptionCheck.ShortestTimeout, OptionCheck.LongestTimeout);
        check.Range(nameof(options.MaxCallRetries), options.MaxCallRetries, 0, 10);
        check.Range(nameof(options.ConnectTimeout), options.ConnectTimeout, OptionCheck.ShortestTimeout, OptionCheck.LongestTimeout);
        check.Range(nameof(options.KeepAliveInterval), options.KeepAliveInterval, OptionCheck.ShortestTimeout, OptionCheck.LongestTimeout);
        check.Range(nameof(options.KeepAliveTimeout), options.KeepAliveTimeout, OptionCheck.ShortestTimeout, OptionCheck.LongestTimeout);
        check.Range(nameof(options.CloseTimeout), options.CloseTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        check.Range(nameof(options.FailedEventDelay), options.FailedEventDelay, TimeSpan.Zero, OptionCheck.LongestFailedEventDelay);
        check.Range(nameof(options.MaxHandlerTime), options.MaxHandlerTime, TimeSpan.Zero, ExtensionProtocol.LongestDelay);
        check.Range(nameof(options.MaxQueuedEvents), options.MaxQueuedEvents, 1, 1_000_000);
        check.Range(nameof(options.MaxMessageBytes), options.MaxMessageBytes, 1_024, 1 << 30);
        check.Range(nameof(options.MediaPendingTimeout), options.MediaPendingTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        check.Range(nameof(options.MediaStallTimeout), options.MediaStallTimeout, OptionCheck.ShortestTimeout, OptionCheck.LongestTimeout);
        check.Range(nameof(options.MaxMediaResumes), options.MaxMediaResumes, 0, 100);
        check.NotNull(nameof(options.TimeProvider), options.TimeProvider);
        check.ThrowIfWrong(nameof(options));

        return new ClientSettings
        {
            ClientToken = options.ClientToken,
            ClientSecret = options.ClientSecret ?? "",
            GetToken = options.GetTokenAsync,
            Api = new ServiceAddress(baseUrl),
            Realtime = new ServiceAddress(realtimeUrl),
            Consumer = consumer,
            RequestTimeout = options.RequestTimeout,
            MaxCallRetries = options.MaxCallRetries,
            ConnectTimeout = options.ConnectTimeout,
            KeepAliveInterval = options.KeepAliveInterval,
            KeepAliveTimeout = options.KeepAliveTimeout,
            CloseTimeout = options.CloseTimeout,
            // A batch that is over the limit would be skipped whole, with events in it that are not.
            UseExtension = options.UseExtension && options.MaxMessageBytes >= ExtensionProtocol.MaxBatchBytes,
            FailedEventDelay = options.FailedEventDelay,
            MaxHandlerTime = options.MaxHandlerTime,
            MaxQueuedEvents = options.MaxQueuedEvents,
            MaxMessageBytes = options.MaxMessageBytes,
            MediaPendingTimeout = options.MediaPendingTimeout,
            MediaStallTimeout = options.MediaStallTimeout,
            MaxMediaResumes = options.MaxMediaResumes,
            Loggers = options.LoggerFactory ?? NullLoggerFactory.Instance,
            Time = options.TimeProvider,
        };
    }

    /// <summary>As which a subscription of these options reads that names no consumer.</summary>
    public static string ConsumerOf(VZapsClientOptions options, Func<string, string?> environment)
    {
        var address = options.RealtimeUrl ?? new OptionCheck().Address(nameof(options.BaseUrl), options.BaseUrl, BaseUrlVariable, environment);
        return options.Consumer
            ?? NullWhenEmpty(environment(ConsumerVariable))
            ?? (address is { IsAbsoluteUri: true } ? new ServiceAddress(address).ConsumerInPath : null)
            ?? ConsumerName.Default;
    }

    private static string? NullWhenEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
