using System.Security.Cryptography;
using System.Text.Json;

namespace VZaps.Client.Testing.Tests;

/// <summary>What the docs show of files, word for word, and run.</summary>
public sealed class DocumentedMediaTests : IDisposable
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-docs-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_pieces_of_the_docs_are_those_of_this_file()
    {
        var here = Trimmed(File.ReadAllLines(Path.Combine(Root, "tests", "VZaps.Client.Testing.Tests", "DocumentedMediaTests.cs")));
        var pieces = new[] { "guide.md", "testing.md", "media.md", "webhooks.md" }
            .SelectMany(page => File.ReadAllText(Path.Combine(Root, "docs", page)).Split("```csharp\n").Skip(1).Select(block => block.Split("\n```")[0]))
            .Where(piece => piece.Contains("client.Media", StringComparison.Ordinal) || piece.Contains("AddMedia", StringComparison.Ordinal) || piece.Contains("PublishFile", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(3, pieces.Count);
        Assert.All(pieces, piece => Assert.Contains(Trimmed(piece.Split('\n')), here, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pending_file_is_handled_when_it_is_there()
    {
        await using var gateway = new FakeGateway();
        await using var client = gateway.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(gateway.NewRequest(), TestContext.Current.CancellationToken);
        var (bytes, path) = (RandomNumberGenerator.GetBytes(1_000), Path.Combine(_folder.FullName, "a"));
        subscription.On(EventType.Message, (e, ct) => e.Media!.DownloadAsync(path, cancellationToken: ct));
        await subscription.StartAsync();

        var media = gateway.AddMedia(bytes, "image/jpeg", "photo.jpg", isPending: true);
        var id = gateway.PublishMedia("15550002222@s.whatsapp.net", media, "look");
        media.Store(); // the gateway has fetched it, and the handler's download goes on
        await gateway.WaitAckedAsync(id);

        Assert.Equal(bytes, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_is_published_and_found_again()
    {
        await using var gateway = new FakeGateway();
        await using var client = gateway.NewClient();
        var (instanceId, path, key) = (gateway.InstanceId, Path.Combine(_folder.FullName, "a"), "k1");
        await File.WriteAllBytesAsync(path, [1, 2, 3], TestContext.Current.CancellationToken);
        gateway.AddMedia([4], "image/png", isPending: true).Fail("media_too_large");
        using var json = JsonDocument.Parse("{}");
        var data = json.RootElement;
        var printed = Console.Out;
        try
        {
            using var lines = new StringWriter();
            Console.SetOut(lines);
            await PublishAsync();
            await FindAsync(gateway.Publish(EventType.Message, gateway.AddMedia([5, 6], "image/png").AddTo("{}")));
            Assert.Matches("^med_[0-9A-Z]{26}: media_too_large\r?\n$", lines.ToString());
        }
        finally
        {
            Console.SetOut(printed);
        }

        Assert.Equal([5, 6], await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));

        async Task PublishAsync()
        {
            await using var content = File.OpenRead(path);
            await client.Events.PublishAsync(new EventPublishRequest
            {
                InstanceId = instanceId,
                Events = [new PublishEvent { Type = EventType.Message, Data = data, IdempotencyKey = key }],
                File = new PublishFile(content) { FileName = "orçamento.pdf", MimeType = "application/pdf" },
            });
        }

        async Task FindAsync(string eventId)
        {
            await foreach (var item in client.Media.ListAllAsync(instanceId, new ListMediaRequest { Statuses = [MediaStatus.Failed] }))
                Console.WriteLine($"{item.Id}: {item.Error?.Code}");

            var found = await client.Media.GetAsync(instanceId, eventId); // or the file's own id
            await found.File!.DownloadAsync(path);
        }
    }

    /// <summary>Without what only the place in a file makes of them.</summary>
    private static string Trimmed(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.Trim()));
}
