using Microsoft.EntityFrameworkCore;

namespace EfCoreTransaction;

/// <summary>The orders, and beside them which events they were made of.</summary>
internal sealed class OrdersDb(DbContextOptions<OrdersDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    public DbSet<ProcessedEvent> ProcessedEvents => Set<ProcessedEvent>();

    // The key is what makes the second of two attempts fail, whoever makes it.
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<ProcessedEvent>().HasKey(processed => new { processed.EventId, processed.Consumer });
}

internal sealed class Order
{
    public int Id { get; set; }

    public string Chat { get; set; } = "";

    public string Text { get; set; } = "";
}

internal sealed class ProcessedEvent
{
    public string EventId { get; set; } = "";

    public string Consumer { get; set; } = "";

    /// <summary>For a job that deletes what is older than the gateway's retention.</summary>
    public DateTimeOffset At { get; set; }
}
