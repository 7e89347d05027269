using Microsoft.Extensions.Options;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Tests.Media;

/// <summary>A disk that has as much room as a test says.</summary>
internal sealed class TestSpace(DataFolder folder) : FreeSpace(folder, Options.Create(new MediaOptions()))
{
    private long _free = 1L << 40;

    public long Free
    {
        get => Interlocked.Read(ref _free);
        set => Interlocked.Exchange(ref _free, value);
    }

    protected override long? FreeBytes => Free;
}
