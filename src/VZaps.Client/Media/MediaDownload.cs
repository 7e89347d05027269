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
        var keepsPart = true;
        try
        {
            // Nobody else may write it meanwhile; whoever tries gets an error.
            var part = new FileStream(_part, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
            });
            await using (part.ConfigureAwait(false))
            {
                keepsPart = false;
                try
                {
                    await FillAsync(part, cancellationToken).ConfigureAwait(false);
                    // What has the name is whole, also after the power fails.
                    part.Flush(flushToDisk: true);
                    keepsPart = true;
                }
                catch (Exception failure)
                {
                    keepsPart = part.Length > 0 && failure is not VZapsMediaException { Problem: MediaProblem.WrongHash or MediaProblem.WrongLength or MediaProblem.Gone };
                    throw;
                }
            }

            File.Move(_part, path, overwrite: true);
        }
        finally
        {
            if (!keepsPart)
                File.Delete(_part);
        }
    }

    private async Task FillAsync(FileStream part, CancellationToken cancellationToken)
    {
        var hadStart = part.Length > 0;
        try
        {
            await AppendAsync(part, cancellationToken).ConfigureAwait(false);
        }
        catch (VZapsMediaException wrong) when (wrong.Problem == MediaProblem.Changed || (hadStart && wrong.Problem is MediaProblem.WrongHash or MediaProblem.WrongLength))
        {
            // What was there belongs to something else.
            part.SetLength(0);
            await AppendAsync(part, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AppendAsync(FileStream part, CancellationToken cancellationToken)
    {
        var stream = open(part.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using (stream.ConfigureAwait(false))
            {
                part.Position = 0;
                int read;
                while ((read = await part.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                    stream.Skipped(buffer.AsSpan(0, read));
                if (part.Length > 0)
                    progress?.Report(new MediaProgress(part.Length, stream.TotalBytes));
                while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    progress?.Report(new MediaProgress(stream.Position, stream.TotalBytes));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
