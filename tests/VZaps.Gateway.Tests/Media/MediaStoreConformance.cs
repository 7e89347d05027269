using System.Security.Cryptography;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Media;

/// <summary>What every store of files does.</summary>
public abstract class MediaStoreConformance : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vzaps-test-");

    private protected JumpingClock Clock { get; } = new();

    private protected DataFolder Folder => new(_folder.FullName);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IMediaStore Store { get; }

    public virtual void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData(3_000_001)]
    public async Task What_was_kept_is_found_by_its_hash(int bytes)
    {
        var content = RandomNumberGenerator.GetBytes(bytes);
        var hash = await KeepAsync(content);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), hash);
        Assert.Equal(content, await ReadAsync(hash));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_whatever_its_name()
    {
        await KeepAsync([1]);
        foreach (var name in new[] { new string('0', 64), "", "..", "../gateway.db", new string('A', 64), new string('0', 63) + "/", "incoming" })
        {
            Assert.Null(await Store.OpenAsync(name, Cancel));
            Assert.False(await Store.RenewAsync(name, Cancel));
            Assert.False(await Store.RemoveAsync(name, Clock.GetUtcNow().AddDays(1), Cancel));
        }

        Assert.Single(await ListAsync());
    }

    [Fact]
    public async Task The_same_bytes_are_kept_once()
    {
        var hash = await KeepAsync([1, 2, 3]);
        Assert.Equal(hash, await KeepAsync([1, 2, 3]));
        var file = Assert.Single(await ListAsync());
        Assert.Equal((hash, 3L), (file.Sha256, file.Bytes));
    }

    [Fact]
    public async Task A_stream_seeks_and_stays_good_when_the_file_is_removed()
    {
        var hash = await KeepAsync([1, 2, 3, 4]);
        await using var stream = (await Store.OpenAsync(hash, Cancel))!;
        Assert.True(await Store.RemoveAsync(hash, Clock.GetUtcNow().AddDays(1), Cancel));
        Assert.Null(await Store.OpenAsync(hash, Cancel));
        stream.Seek(2, SeekOrigin.Begin);
        var rest = new byte[2];
        await stream.ReadExactlyAsync(rest, Cancel);
        Assert.Equal([3, 4], rest);
        Assert.Equal(4, stream.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_was_kept_anew_is_not_removed_by_who_looked_before(bool isOnlyRenewed)
    {
        var hash = await KeepAsync([1]);
        Clock.Jump(TimeSpan.FromHours(2));
        var looked = Clock.GetUtcNow();
        Clock.Jump(TimeSpan.FromSeconds(2));
        if (isOnlyRenewed)
            Assert.True(await Store.RenewAsync(hash, Cancel));
        else
            await KeepAsync([1]);
        Assert.False(await Store.RemoveAsync(hash, looked, Cancel));
        Assert.NotNull(await ReadAsync(hash));
        Assert.True(Assert.Single(await ListAsync()).KeptAt > looked);
        Clock.Jump(TimeSpan.FromHours(2));
        Assert.True(await Store.RemoveAsync(hash, Clock.GetUtcNow(), Cancel));
        Assert.False(await Store.RemoveAsync(hash, Clock.GetUtcNow(), Cancel));
        Assert.Empty(await ListAsync());
        Assert.False(await Store.RenewAsync(hash, Cancel));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Who_keeps_the_same_bytes_at_the_same_time_all_succeed()
    {
        var content = RandomNumberGenerator.GetBytes(100_000);
        var hashes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => KeepAsync(content))));
        Assert.Equal(content, await ReadAsync(Assert.Single(hashes.Distinct())));
        Assert.Single(await ListAsync());
    }

    [Fact]
    public async Task A_file_that_is_not_kept_is_gone()
    {
        using (var file = new IncomingFiles(Folder, Store, new TestSpace(Folder)).Begin())
            file.Write([1, 2, 3]);
        Assert.Empty(await ListAsync());
        Assert.Empty(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    private protected async Task<string> KeepAsync(byte[] content)
    {
        using var file = _incoming.Value.Begin();
        file.Write(content);
        Assert.True(await file.KeepAsync(Cancel));
        return file.Finish().Sha256;
    }

    private protected async Task<List<StoredFile>> ListAsync() => await Store.ListAsync(Cancel).ToListAsync(Cancel);

    private readonly Lazy<IncomingFiles> _incoming;

    protected MediaStoreConformance() => _incoming = new Lazy<IncomingFiles>(() => new IncomingFiles(Folder, Store, new TestSpace(Folder)));

    private async Task<byte[]?> ReadAsync(string hash)
    {
        await using var stream = await Store.OpenAsync(hash, Cancel);
        if (stream is null)
            return null;
        var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancel);
        return read.ToArray();
    }
}

public sealed class DiskMediaStoreTests : MediaStoreConformance
{
    private readonly DiskMediaStore _store;

    public DiskMediaStoreTests() => _store = new DiskMediaStore(Folder, Clock);

    private protected override IMediaStore Store => _store;

    [Fact]
    public async Task A_file_that_the_disk_has_no_room_to_spare_for_is_lost_at_its_beginning_or_in_its_middle()
    {
        var space = new TestSpace(Folder);
        var incoming = new IncomingFiles(Folder, Store, space);
        using var file = incoming.Begin();
        file.Write(new byte[15 << 20]);
        Assert.False(file.IsLost);
        space.Free = new MediaOptions().MinFreeBytes - 1;
        file.Write(new byte[2 << 20]);
        Assert.True(file.IsLost);
        Assert.False(await file.KeepAsync(TestContext.Current.CancellationToken));
        using var next = incoming.Begin();
        Assert.True(next.IsLost);
        next.Write([1]);
        Assert.False(await next.KeepAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFiles(Folder.Path, "*", SearchOption.AllDirectories));
        space.Free++;
        using var last = incoming.Begin();
        Assert.False(last.IsLost);
    }

    [Fact]
    public async Task A_folder_that_could_not_be_opened_is_opened_when_it_can_be()
    {
        var folder = Path.Combine(Folder.Path, "files");
        await File.WriteAllTextAsync(folder, "in its place", TestContext.Current.CancellationToken);
        var incoming = new IncomingFiles(Folder, Store, new TestSpace(Folder));
        using (var file = incoming.Begin())
            Assert.True(file.IsLost);
        File.Delete(folder);
        using var next = incoming.Begin();
        next.Write([1]);
        Assert.True(await next.KeepAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Files_are_their_owners_alone_and_what_a_crash_left_unfinished_goes()
    {
        var hash = await KeepAsync([1]);
        var path = Path.Combine(Folder.Path, "files", hash);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(DataFolder.OwnerOnlyFile, File.GetUnixFileMode(path));
        var left = Path.Combine(Folder.Path, "files", "incoming", "left");
        await File.WriteAllBytesAsync(left, [1], TestContext.Current.CancellationToken);
        // As an earlier version left one.
        var older = Path.Combine(Folder.Path, "files", "left.part");
        await File.WriteAllBytesAsync(older, [1], TestContext.Current.CancellationToken);
        using var file = new IncomingFiles(Folder, Store, new TestSpace(Folder)).Begin();
        Assert.False(File.Exists(left));
        Assert.False(File.Exists(older));
        Assert.True(File.Exists(path));
    }
}

public sealed class InMemoryMediaStoreTests : MediaStoreConformance
{
    private readonly InMemoryMediaStore _store;

    public InMemoryMediaStoreTests() => _store = new InMemoryMediaStore(Clock);

    private protected override IMediaStore Store => _store;
}
