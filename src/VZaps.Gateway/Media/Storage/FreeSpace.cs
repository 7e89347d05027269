using Microsoft.Extensions.Options;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>Whether the disk of the data folder has room for files beside what the log and the database need. Thread-safe.</summary>
internal partial class FreeSpace(DataFolder folder, IOptions<MediaOptions> options, ILogger<FreeSpace> logger)
{
    // Parts of the reserve. Old files go before it is reached, and more of them than are in the way: else what comes next finds no room again, and is lost.
    private const int SoonPart = 8, AgainPart = 4;

    private int _isShort;

    /// <summary>Whether at least <see cref="MediaOptions.MinFreeBytes"/> are free; who finds first that there are not, logs it. Where the disk does not say, there is room: it
    /// will refuse by itself.</summary>
    public bool HasRoom
    {
        get
        {
            var hasRoom = FreeBytes is not { } free || free >= options.Value.MinFreeBytes;
            if (!hasRoom && Interlocked.Exchange(ref _isShort, 1) == 0)
                LogShort(logger, options.Value.MinFreeBytes);
            return hasRoom;
        }
    }

    /// <summary>Looks how many bytes of old files should go: none while there is room by an eighth of the reserve, and else as many as leave a quarter of it beside it.
    /// Where there is room, that there is none is news again.</summary>
    public long Look()
    {
        var reserve = Math.Min(options.Value.MinFreeBytes, long.MaxValue / 2);
        if (FreeBytes is { } free && free < reserve + (reserve / SoonPart))
            return reserve + (reserve / AgainPart) - free;
        // Not as soon as there is any: a disk at the brim is one story, and not one with each file.
        Volatile.Write(ref _isShort, 0);
        return 0;
    }

    /// <summary>Bytes that are free; null where the disk does not say.</summary>
    protected virtual long? FreeBytes
    {
        get
        {
            try
            {
                return new DriveInfo(folder.Path).AvailableFreeSpace;
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    [LoggerMessage(1513, LogLevel.Error, "The disk of the data folder has less than {Bytes} bytes left (Media:MinFreeBytes): no file is taken in or fetched until there is room.")]
    private static partial void LogShort(ILogger logger, long bytes);
}
