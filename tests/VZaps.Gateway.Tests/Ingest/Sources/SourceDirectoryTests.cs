using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Gateway.Http;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Ingest.Sources.SourceCalls;

namespace VZaps.Gateway.Tests.Ingest.Sources;

/// <summary>Changes of sources that meet each other, and secrets that cannot be opened.</summary>
public sealed class SourceDirectoryTests
{
    [Fact]
    public async Task A_secret_that_cannot_be_opened_is_not_written_over_and_counts_again_when_the_keys_are_back()
    {
        var folder = GatewayFixture.NewFolder();
        var (keys, aside) = (Path.Combine(folder, "keys"), Path.Combine(folder, "keys.aside"));
        TestInstance instance;
        string path;
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            instance = await gateway.NewInstanceAsync();
            path = await gateway.SetCloudAsync(instance, more: new { phone_number_id = Number, app_secret = AppSecret });
        }

        Directory.Move(keys, aside);
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            Assert.Equal(401, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1"))));
            await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { failed_receipts = false });
            var directory = gateway.Get<SourceDirectory>();
            await directory.LearnAsync(directory.Find(InstanceId.Parse(instance.Id), "cloud")!, Waba, "15550001111");
        }

        Directory.Delete(keys, recursive: true);
        Directory.Move(aside, keys);
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1"))));
            Assert.False((await gateway.CallAsync(instance, HttpMethod.Get, "/sources/cloud")).GetProperty("failed_receipts").GetBoolean());
            // A new one is written all the same.
            await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { app_secret = "another secret" });
        }

        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            var body = Encoding.UTF8.GetBytes(CloudBody(TextMessage("m2")));
            Assert.Equal(401, await gateway.PostCloudAsync(path, body));
            Assert.Equal(200, await gateway.PostAsync(path, body, "application/json", ("X-Hub-Signature-256", CloudSignature(body, "another secret"))));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_token_that_cannot_be_opened_counts_again_when_the_keys_are_back_unless_it_was_taken_away()
    {
        var folder = GatewayFixture.NewFolder();
        var (keys, aside) = (Path.Combine(folder, "keys"), Path.Combine(folder, "keys.aside"));
        TestInstance kept, taken;
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            (kept, taken) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
            await gateway.SetCloudAsync(kept, more: new { phone_number_id = Number, app_secret = AppSecret, access_token = "EAAtest" });
            await gateway.SetCloudAsync(taken, more: new { phone_number_id = OtherNumber, app_secret = AppSecret, access_token = "EAAtest" });
        }

        Directory.Move(keys, aside);
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            Assert.False((await gateway.CallAsync(kept, HttpMethod.Post, "/sources/cloud", new { failed_receipts = false })).GetProperty("has_access_token").GetBoolean());
            await gateway.CallAsync(taken, HttpMethod.Post, "/sources/cloud", "{\"access_token\":null}");
        }

        Directory.Delete(keys, recursive: true);
        Directory.Move(aside, keys);
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            Assert.True((await gateway.CallAsync(kept, HttpMethod.Get, "/sources/cloud")).GetProperty("has_access_token").GetBoolean());
            Assert.False((await gateway.CallAsync(taken, HttpMethod.Get, "/sources/cloud")).GetProperty("has_access_token").GetBoolean());
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_source_that_is_deleted_while_a_body_tells_of_it_stays_deleted()
    {
        var database = new HeldDatabase();
        await using var gateway = await GatewayFixture.StartAsync(configure: database.Use);
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetCloudAsync(instance, more: new { phone_number_id = Number, app_secret = AppSecret });
        var directory = gateway.Get<SourceDirectory>();
        var source = directory.Find(InstanceId.Parse(instance.Id), "cloud")!;
        var release = database.HoldNext();
        var learning = directory.LearnAsync(source, Waba, "15550001111");
        var deleting = directory.DeleteAsync(source, TestContext.Current.CancellationToken);
        // Nothing in the database keeps it waiting: only the turn does.
        Assert.False(deleting.IsCompleted);
        release.SetResult();
        await learning;
        Assert.True(await deleting);
        Assert.Null(directory.Find(source.Instance, "cloud"));
        await using var rows = await gateway.Get<IDbContextFactory<GatewayDatabase>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await rows.Set<SourceRow>().ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_changes_at_a_time_leave_both()
    {
        var database = new HeldDatabase();
        await using var gateway = await GatewayFixture.StartAsync(configure: database.Use);
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetCloudAsync(instance);
        var (directory, id) = (gateway.Get<SourceDirectory>(), InstanceId.Parse(instance.Id));
        var release = database.HoldNext();
        var first = directory.SetAsync(id, "cloud", current => (current! with { SigningKey = "new"u8.ToArray() }, null), TestContext.Current.CancellationToken);
        var second = directory.SetAsync(id, "cloud", current => (current! with { HasFailedReceipts = false }, null), TestContext.Current.CancellationToken);
        release.SetResult();
        await Task.WhenAll(first, second);
        var source = directory.Find(id, "cloud")!;
        Assert.Equal(("new", false), (Encoding.UTF8.GetString(source.SigningKey!), source.HasFailedReceipts));
    }

    [Fact]
    public async Task A_source_of_an_instance_that_is_gone_is_not_made()
    {
        var database = new HeldDatabase();
        await using var gateway = await GatewayFixture.StartAsync(configure: database.Use);
        var instance = await gateway.NewInstanceAsync();
        var (directory, id) = (gateway.Get<SourceDirectory>(), InstanceId.Parse(instance.Id));
        var release = database.HoldNext();
        var setting = directory.SetAsync(id, "wuzapi", _ => new SourceRequest().Apply(id, "wuzapi", null), TestContext.Current.CancellationToken);
        await gateway.SendAsync(HttpMethod.Delete, $"/instances/{instance.Id}", accessToken: instance.AccessToken);
        release.SetResult();
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => setting);
        Assert.Equal("instance_not_found", refusal.Problem.Code);
        Assert.Null(directory.Find(id, "wuzapi"));
    }

    /// <summary>The database, whose next use can be held.</summary>
    private sealed class HeldDatabase : IDbContextFactory<GatewayDatabase>
    {
        private IDbContextFactory<GatewayDatabase>? _real;
        private TaskCompletionSource? _held;
        private int _thread;

        public void Use(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
        {
            var real = builder.Services.Last(service => service.ServiceType == typeof(IDbContextFactory<GatewayDatabase>));
            builder.Services.Remove(real);
            builder.Services.AddSingleton<IDbContextFactory<GatewayDatabase>>(provider =>
            {
                _real = (IDbContextFactory<GatewayDatabase>)(real.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, real.ImplementationType!));
                return this;
            });
        }

        /// <summary>Holds the next use by this thread, until the result is set.</summary>
        public TaskCompletionSource HoldNext()
        {
            _thread = Environment.CurrentManagedThreadId;
            return _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public GatewayDatabase CreateDbContext() => _real!.CreateDbContext();

        public async Task<GatewayDatabase> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            if (_thread == Environment.CurrentManagedThreadId && Interlocked.Exchange(ref _held, null) is { } held)
                await held.Task;
            return await _real!.CreateDbContextAsync(cancellationToken);
        }
    }
}
