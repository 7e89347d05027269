using System.Globalization;
using System.Text;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>Since when files have rows in the database: those that were kept before, by an earlier version, have none, and are events' files all the same. Thread-safe.</summary>
internal sealed class CatalogStart(DataFolder folder, TimeProvider time)
{
    private const string FileName = "media.since";

    private readonly MadeOnce<Start> _start = new(() => ReadOrMake(folder, time));

    /// <summary>The time, which is this one where nobody asked before.</summary>
    /// <exception cref="IOException">The data folder does not take it.</exception>
    public DateTimeOffset At => _start.Value.At;

    private static Start ReadOrMake(DataFolder folder, TimeProvider time)
    {
        if (File.Exists(folder.PathOf(FileName)) && long.TryParse(File.ReadAllText(folder.PathOf(FileName)), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return new Start(DateTimeOffset.FromUnixTimeSeconds(seconds));
        var now = time.GetUtcNow();
        folder.WriteFileAtOnce(FileName, Encoding.ASCII.GetBytes(now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        return new Start(DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()));
    }

    private sealed record Start(DateTimeOffset At);
}
