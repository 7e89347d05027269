using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>The client's options: the host's logging and clock, then the configuration, then the code.</summary>
internal sealed class ClientOptionsSetup(IConfiguration section, Action<VZapsClientOptions>? configure, ILoggerFactory? loggers, TimeProvider? time)
    : IConfigureOptions<VZapsClientOptions>
{
    public void Configure(VZapsClientOptions options)
    {
        options.LoggerFactory = loggers;
        options.TimeProvider = time ?? TimeProvider.System;
        var read = new SectionReader(section);
        read.Text(nameof(options.ClientToken), value => options.ClientToken = value);
        read.Text(nameof(options.ClientSecret), value => options.ClientSecret = value);
        read.Address(nameof(options.BaseUrl), value => options.BaseUrl = value);
        read.Address(nameof(options.RealtimeUrl), value => options.RealtimeUrl = value);
        read.Text(nameof(options.Consumer), value => options.Consumer = value);
        read.Time(nameof(options.RequestTimeout), value => options.RequestTimeout = value);
        read.Number(nameof(options.MaxCallRetries), value => options.MaxCallRetries = value);
        read.Time(nameof(options.ConnectTimeout), value => options.ConnectTimeout = value);
        read.Time(nameof(options.KeepAliveInterval), value => options.KeepAliveInterval = value);
        read.Time(nameof(options.KeepAliveTimeout), value => options.KeepAliveTimeout = value);
        read.Time(nameof(options.CloseTimeout), value => options.CloseTimeout = value);
        read.Flag(nameof(options.UseExtension), value => options.UseExtension = value);
        read.Time(nameof(options.FailedEventDelay), value => options.FailedEventDelay = value);
        read.Time(nameof(options.MaxHandlerTime), value => options.MaxHandlerTime = value);
        read.Number(nameof(options.MaxQueuedEvents), value => options.MaxQueuedEvents = value);
        read.Number(nameof(options.MaxMessageBytes), value => options.MaxMessageBytes = value);
        read.Time(nameof(options.MediaPendingTimeout), value => options.MediaPendingTimeout = value);
        read.Time(nameof(options.MediaStallTimeout), value => options.MediaStallTimeout = value);
        read.Number(nameof(options.MaxMediaResumes), value => options.MaxMediaResumes = value);
        configure?.Invoke(options);
    }
}
