using Microsoft.Extensions.Options;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>Whether the disk of the data folder has room for files beside what the log and the database need. Thread-safe.</summary>
internal class FreeSpace(DataFolder folder, IOptions<MediaOptions> options)
{
    /// <summary>Whether more than <see cref="MediaOptions.MinFreeBytes"/> are free. Where the disk does not say, there is: it will refuse by itself.</summary>
    public bool HasRoom => FreeBytes is not { } free || free >= options.Value.MinFreeBytes;

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
}
