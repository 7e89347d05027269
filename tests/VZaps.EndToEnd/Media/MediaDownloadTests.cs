using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Media;

/// <summary>Files of events by the SDK, from a real gateway.</summary>
public sealed class MediaDownloadTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    private static readonly byte[] File = [0x25, 0x50, 0x44, 0x46, 0x2d, .. RandomNumberGenerator.GetBytes(2_000_000)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_file_comes_back_as_it_was()
    {
        await using var client = NewClient();
        var (media, folder) = (await PublishAndReceiveAsync(client, await running.Api.CreateInstanceAsync()), Directory.CreateTempSubdirectory("vzaps-media-"));
        try
        {
            Assert.Equal(("application/pdf", "orçamento.pdf", File.Length, MediaStatus.Stored), (media.MimeType, media.FileName, media.Size, media.Status));
            var path = Path.Combine(folder.FullName, "a.pdf");
            // A part that an earlier program left is gone on with.
            await System.IO.File.WriteAllBytesAsync(path + ".part", File[..700_000], Cancel);
            var heard = new List<MediaProgress>();
            await media.DownloadAsync(path, new Heard(heard), Cancel);
            Assert.Equal(File, await System.IO.File.ReadAllBytesAsync(path, Cancel));
            Assert.Equal((700_000, File.Length), (heard[0].Bytes, heard[^1].Bytes));
            Assert.Single(folder.GetFiles());

            await using var stream = await media.OpenReadAsync(Cancel);
            using var read = new MemoryStream();
            await stream.CopyToAsync(read, Cancel);
            Assert.Equal(File, read.ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_link_that_the_gateway_refuses_is_renewed()
    {
        await using var client = NewClient();
        var instance = await running.Api.CreateInstanceAsync();
        var good = await PublishAndReceiveAsync(client, instance);
        var bad = good.Url.AbsoluteUri.Replace("signature=", "signature=x", StringComparison.Ordinal);
        var media = await ReceiveAsync(client, instance, () => running.Api.PublishAsync(instance, $$$$"""{"type":"Message","data":{"media_url":"{{{{bad}}}}","media":{"id":"{{{{good.Id}}}}"}}}"""));
        Assert.Equal(bad, media.Url.AbsoluteUri);
        await using var stream = await media.OpenReadAsync(Cancel);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancel);
        Assert.Equal(File, read.ToArray());
    }

    [Fact]
    public async Task Files_of_an_instance_are_listed_found_by_their_event_and_downloaded_without_it()
    {
        await using var client = NewClient();
        var instance = await running.Api.CreateInstanceAsync();
        // From a pipe, of which nobody knows the length.
        var pipe = new Pipe();
        var writing = pipe.Writer.WriteAsync(File, Cancel).AsTask().ContinueWith(_ => pipe.Writer.CompleteAsync().AsTask(), TaskScheduler.Default).Unwrap();
        var eventId = await PublishAsync(client, instance, pipe.Reader.AsStream());
        await writing;
        var item = await client.Media.WithInstanceToken(instance.Token).GetAsync(instance.Id, eventId, Cancel);
        Assert.Equal((MediaStatus.Stored, "publish", "orçamento.pdf", File.Length), (item.Status, item.Source, item.FileName, item.Size));
        var listed = new List<MediaItem>();
        await foreach (var one in client.Media.ListAllAsync(instance.Id, new ListMediaRequest { Statuses = [MediaStatus.Stored], Limit = 1 }, Cancel))
            listed.Add(one);
        Assert.Equal([item.Id], listed.Select(one => one.Id));
        await using var stream = await listed[0].File!.OpenReadAsync(Cancel);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancel);
        Assert.Equal(File, read.ToArray());
        Assert.Equal(MediaStatus.Stored, (await client.Media.RefetchAsync(instance.Id, item.Id, Cancel)).Status);
        Assert.Equal(0, await client.Media.RefetchAllAsync(instance.Id, Cancel));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_by_its_code()
    {
        await using var client = NewClient();
        using var zeros = new MemoryStream(new byte[104_857_601]);
        var instance = await running.Api.CreateInstanceAsync();
        var refused = await Assert.ThrowsAsync<VZapsApiException>(() => PublishAsync(client, instance, zeros));
        Assert.Equal((413, "media_too_large"), (refused.StatusCode, refused.ErrorCode));
    }

    private VZapsClient NewClient() => new(new VZapsClientOptions
    {
        ClientToken = running.Process.ClientToken,
        ClientSecret = running.Process.ClientSecret,
        BaseUrl = new Uri(running.Process.BaseUrl),
    });

    /// <summary>The file of an event that was published with one.</summary>
    private static Task<EventMedia> PublishAndReceiveAsync(VZapsClient client, TestInstance instance) => ReceiveAsync(client, instance, async () =>
    {
        using var content = new MemoryStream(File);
        await PublishAsync(client, instance, content);
    });

    private static async Task<string> PublishAsync(VZapsClient client, TestInstance instance, Stream content)
    {
        using var data = JsonDocument.Parse("{}");
        var result = await client.Events.PublishAsync(
            new EventPublishRequest
            {
                InstanceId = instance.Id,
                Events = [new PublishEvent { Type = EventType.Message, Data = data.RootElement }],
                File = new PublishFile(content) { FileName = "orçamento.pdf", MimeType = "application/pdf" },
            },
            Cancel);
        return Assert.Single(result.Ids);
    }

    /// <summary>The file of the event that somebody publishes.</summary>
    private static async Task<EventMedia> ReceiveAsync(VZapsClient client, TestInstance instance, Func<Task> publishAsync)
    {
        var received = new TaskCompletionSource<EventMedia?>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Subscribed before it is published: a new consumer begins at the end of the log.
        var request = new EventSubscribeRequest { InstanceId = instance.Id, InstanceToken = instance.Token };
        await using var subscription = await client.Events.SubscribeAsync(request, Cancel);
        subscription.On(EventType.Message, e => received.TrySetResult(e.Media));
        await subscription.StartAsync();
        await publishAsync();
        return Assert.IsType<EventMedia>(await received.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel));
    }

    private sealed class Heard(List<MediaProgress> steps) : IProgress<MediaProgress>
    {
        public void Report(MediaProgress value) => steps.Add(value);
    }
}
