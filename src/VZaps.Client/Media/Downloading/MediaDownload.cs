using System.Buffers;

namespace VZaps.Client.Media;

/// <summary>One download to a path: a part beside it, gone on with where there is one, and its name at the end.</summary>
/// <param name="open">The file from a place on.</param>
/// <param name="path">Where it goes.</param>
/// <param name="progress">Who hears of it.</param>
internal sealed class MediaDownload(Func<long, MediaStream> open, string path, IProgress<MediaProgress>? progress)
{
    private const int BufferBytes = 64 * 1024;
    private readonly string _part = path + ".part";
    private readonly MediaTally _tally = new();

    /// <summary>Gives the part its name; what is held meanwhile can be looked at.</summary>
    public Action<string, string> Move { get; init; } = static (part, path) => File.Move(part, path, overwrite: true);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DownloadAsync(cancellationToken).ConfigureAwait(false);
            _tally.Completed();
        }
        catch (Exception failure)
        {
            _tally.Failed(failure);
            _tally.Left();
            throw;
        }
    }

    private async Task DownloadAsync(CancellationToken cancellationToken)
    {
        var part = OpenPart();
        // It is let go when it has its name or is gone: whoever opened it in between would write into a file that is whole.
        await using (part.ConfigureAwait(false))
        {
            try
            {
                await FillAsync(part, cancellationToken).ConfigureAwait(false);
                // What has the name is whole, also after the power fails.
                part.Flush(flushToDisk: true);
            }
            catch (Exception failure)
            {
                if (part.Length == 0 || IsUseless(failure))
                    File.Delete(_part);
                throw;
            }

            Move(_part, path);
        }
    }

    // Nobody else may write it meanwhile; whoever tries gets an error.
    private FileStream OpenPart()
    {
        var part = new FileStream(_part, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            // Windows has to be told that it may be renamed while it is open.
            Share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        });
        if (File.Exists(_part))
            return part;
        // Elsewhere it is opened first and locked then, and in between it may have got its name.
        part.Dispose();
        throw new IOException($"Another call has written {_part}.");
    }

    private async Task FillAsync(FileStream part, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stream = open(part.Length);
            await using (stream.ConfigureAwait(false))
            {
                try
                {
                    await AppendAsync(part, stream, cancellationToken).ConfigureAwait(false);
                    return;
                }
                catch (VZapsMediaException wrong) when (wrong.Problem == MediaProblem.Changed || (stream.IsPieced && wrong.Problem is MediaProblem.WrongHash or MediaProblem.WrongLength))
                {
                    // What was there belongs to something else. Each further time it has broken before, which has an end.
                    part.SetLength(0);
                }
            }
        }
    }

    private async Task AppendAsync(FileStream part, MediaStream stream, CancellationToken cancellationToken)
    {
        var hasReported = false;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            part.Position = 0;
            int read;
            while ((read = await part.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                stream.Skipped(buffer.AsSpan(0, read));
            await stream.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (part.Length > 0 && part.Length != stream.TotalBytes)
                Report();
            while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                Report();
            }

            // An empty one, or one that was there already and is as it should be.
            if (!hasReported)
                Report();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        void Report()
        {
            hasReported = true;
            progress?.Report(new MediaProgress(stream.Position, stream.TotalBytes));
        }
    }

    private static bool IsUseless(Exception failure) =>
        failure is VZapsMediaException { Problem: MediaProblem.WrongHash or MediaProblem.WrongLength } or VZapsMediaException { IsGoneForGood: true };
}
