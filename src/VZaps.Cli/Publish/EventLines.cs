using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace VZaps.Cli.Publish;

/// <summary>
/// Cuts an input of one event a line into batches. What one read brings is the next batch: a file goes in large requests, and a line that
/// somebody types or a program writes now and then goes at once. While a batch is on its way nothing is read, so memory is bounded.
/// </summary>
internal static class EventLines
{
    private const int ReadBytes = 1024 * 1024;

    /// <summary>The batches, each with at least one event; empty lines are passed over.</summary>
    /// <exception cref="BadLineException">A line is no JSON object; what came before it was given out.</exception>
    public static async IAsyncEnumerable<EventBatch> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken stopping)
    {
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        var number = 0L;
        var isComplete = false;
        while (!isComplete)
        {
            // A console's or pipe's read may block its thread and does not end when it is told to: it is left behind then.
            var read = await Task.Run(() => reader.ReadAsync(CancellationToken.None).AsTask(), stopping).WaitAsync(stopping);
            isComplete = read.IsCompleted;
            var rest = read.Buffer;
            var batch = new EventBatch();
            while (TryTakeLine(ref rest, isComplete, out var line))
            {
                number++;
                var (text, mistake) = (TextOf(line, number), (BadLineException?)null);
                if (text.IsEmpty)
                    continue;
                if (batch.Count > 0 && !batch.HasRoomFor(text.Length))
                {
                    yield return batch;
                    batch = new EventBatch();
                }

                try
                {
                    Add(batch, number, text.Span);
                }
                catch (BadLineException bad)
                {
                    mistake = bad;
                }

                if (mistake is null)
                    continue;
                if (batch.Count > 0)
                    yield return batch;
                throw mistake;
            }

            if (batch.Count > 0)
                yield return batch;
            if (rest.Length > EventBatch.MaxBytes)
                throw TooLong(number + 1);
            reader.AdvanceTo(rest.Start, rest.End);
        }

        await reader.CompleteAsync();
    }

    private static void Add(EventBatch batch, long number, ReadOnlySpan<byte> text)
    {
        if (!batch.HasRoomFor(text.Length))
            throw TooLong(number);
        batch.Add(number, text, EventLine.ReadHasKey(text, number));
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> rest, bool isComplete, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            line = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        // The last line may do without its break.
        line = isComplete ? rest : default;
        if (isComplete)
            rest = rest.Slice(rest.End);
        return !line.IsEmpty;
    }

    private static ReadOnlyMemory<byte> TextOf(ReadOnlySequence<byte> line, long number)
    {
        var text = line.IsSingleSegment ? line.First : line.ToArray();
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (number == 1 && text.Span.StartsWith(byteOrderMark))
            text = text[byteOrderMark.Length..];
        return text.Trim(" \t\r"u8);
    }

    private static BadLineException TooLong(long number) => new(number, "has more than 8 MiB; an event has at most 1 MiB. Send media by reference.");
}
