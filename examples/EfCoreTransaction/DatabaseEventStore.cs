using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using VZaps;

namespace EfCoreTransaction;

/// <summary>Knows processed events by a table in the same database as what the handlers write, in the same transaction.</summary>
internal sealed class DatabaseEventStore(DbContextOptions<OrdersDb> options) : IProcessedEventStore
{
    public async ValueTask<IProcessedEventTransaction?> BeginAsync(EventContext context)
    {
        var db = new OrdersDb(options);
        try
        {
            var begun = new EventTransaction(db, await db.Database.BeginTransactionAsync(context.CancellationToken));
            if (await db.ProcessedEvents.AnyAsync(
                    processed => processed.EventId == context.Event.Id && processed.Consumer == context.Consumer, context.CancellationToken))
            {
                await begun.DisposeAsync();
                return null;
            }

            db.ProcessedEvents.Add(new ProcessedEvent { EventId = context.Event.Id, Consumer = context.Consumer, At = DateTimeOffset.UtcNow });
            await db.SaveChangesAsync(context.CancellationToken);
            return begun;
        }
        catch
        {
            // Its transaction, if it has one by now, ends with it.
            await db.DisposeAsync();
            throw;
        }
    }
}

/// <summary>One event's transaction; disposed without a commit, it leaves nothing behind.</summary>
internal sealed class EventTransaction(OrdersDb db, IDbContextTransaction transaction) : IProcessedEventTransaction
{
    /// <summary>What the handlers write through.</summary>
    public OrdersDb Db => db;

    public async ValueTask CommitAsync(CancellationToken cancellationToken) => await transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await db.DisposeAsync();
    }
}
