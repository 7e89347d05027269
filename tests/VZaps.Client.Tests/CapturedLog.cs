using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using EventId = Microsoft.Extensions.Logging.EventId;

namespace VZaps.Client.Tests;

/// <summary>Keeps every log line.</summary>
internal sealed class CapturedLog : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(LogLevel Level, EventId Id, string Text)> Lines { get; } = new();

    /// <summary>A line of this id makes its caller fail, as a broken log provider does.</summary>
    public int? ThrowsAt { get; init; }

    /// <summary>Every line does.</summary>
    public bool ThrowsAlways { get; init; }

    public int Count(int id) => Lines.Count(line => line.Id.Id == id);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Lines.Enqueue((logLevel, eventId, formatter(state, exception) + exception));
        if (ThrowsAlways || eventId.Id == ThrowsAt)
            throw new InvalidOperationException("the log is broken");
    }

    public void Dispose()
    {
    }
}
