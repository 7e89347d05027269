using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace VZaps.Client.Tests.Media;

/// <summary>What the meter says of files. It is the process's, so each test looks for what its own flow measured.</summary>
public sealed class MediaMeterTests : IDisposable
{
    private readonly AsyncLocal<bool> _isMine = new();
    private readonly ConcurrentQueue<string> _outcomes = new();
    private readonly MeterListener _listener;
    private readonly Folder _folder = new();
    private long _bytes;

    public MediaMeterTests()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("vzaps.client.media.", StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (!_isMine.Value)
                return;
            if (instrument.Name == "vzaps.client.media.bytes")
                Interlocked.Add(ref _bytes, value);
            else
                _outcomes.Enqueue($"{value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
        });
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_download_counts_once_however_many_connections_it_took_and_with_the_bytes_of_all_of_them()
    {
        await using var server = await FileServer.StartAsync();
        _isMine.Value = true;
        server.CutAt(100_000);
        await TestMedia.Stored(server).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(["1 vzaps.media.outcome=completed"], _outcomes);
        Assert.Equal(300_000, _bytes);
    }

    [Theory]
    [InlineData(403, "media_link_expired", "link_expired")]
    [InlineData(403, "media_link_invalid", "link_refused")]
    [InlineData(424, "media_not_at_source", "not_fetched")]
    [InlineData(410, "media_gone", "gone")]
    [InlineData(400, "x", "failed")]
    public async Task What_could_not_be_had_counts_by_its_reason(int status, string error, string outcome)
    {
        await using var server = await FileServer.StartAsync();
        _isMine.Value = true;
        server.RefuseNext(status, error);
        await Assert.ThrowsAnyAsync<VZapsException>(() => TestMedia.Stored(server).DownloadAsync(_folder.File).OrFailAsync());
        server.RefuseNext(status, error);
        await Assert.ThrowsAnyAsync<VZapsException>(() => TestMedia.Stored(server).OpenReadAsync().OrFailAsync());
        Assert.Equal([$"1 vzaps.media.outcome={outcome}", $"1 vzaps.media.outcome={outcome}"], _outcomes);
        Assert.Equal(0, _bytes);
    }

    [Fact]
    public async Task A_stream_counts_when_its_end_was_checked_or_when_it_is_left()
    {
        await using var server = await FileServer.StartAsync();
        _isMine.Value = true;
        await using (var read = await TestMedia.Stored(server).OpenReadAsync().OrFailAsync())
        {
            await read.CopyToAsync(Stream.Null).OrFailAsync();
            Assert.Equal(["1 vzaps.media.outcome=completed"], _outcomes);
        }

        await using (var left = await TestMedia.Stored(server).OpenReadAsync().OrFailAsync())
            await left.ReadExactlyAsync(new byte[10]).AsTask().OrFailAsync();
        await using (var wrong = await TestMedia.Of(TestMedia.Data(server.Url, new string('0', 64))).OpenReadAsync().OrFailAsync())
            await Assert.ThrowsAsync<VZapsMediaException>(() => wrong.CopyToAsync(Stream.Null).OrFailAsync());
        using var stop = new CancellationTokenSource();
        await using (var cancelled = await TestMedia.Stored(server).OpenReadAsync().OrFailAsync())
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.ReadAsync(new byte[10], stop.Token).AsTask().OrFailAsync());
        }

        Assert.Equal(
            ["1 vzaps.media.outcome=completed", "1 vzaps.media.outcome=abandoned", "1 vzaps.media.outcome=wrong_hash", "1 vzaps.media.outcome=cancelled"], _outcomes);
    }

    [Fact]
    public async Task A_listener_that_throws_costs_no_file()
    {
        using var broken = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "VZaps.Client")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        broken.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("broken meter"));
        broken.Start();
        await using var server = await FileServer.StartAsync();
        await TestMedia.Stored(server).DownloadAsync(_folder.File).OrFailAsync();
        Assert.Equal(FileServer.Bytes, await File.ReadAllBytesAsync(_folder.File));
    }
}
