using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Tests.Media;

/// <summary>A disk that has as much room as a test says.</summary>
internal sealed class TestSpace(DataFolder folder, MediaOptions? options = null, ILogger<FreeSpace>? logger = null)
    : FreeSpace(folder, Options.Create(options ?? new MediaOptions()), logger ?? NullLogger<FreeSpace>.Instance)
{
    private long _free = 1L << 40;

    public long Free
    {
        get => Interlocked.Read(ref _free);
        set => Interlocked.Exchange(ref _free, value);
    }

    protected override long? FreeBytes => Free;
}
