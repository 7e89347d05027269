// Effects exactly once: each message becomes one order, however often its event comes. The order and the event's id are written in one transaction.
// Needs what the Quickstart needs, and DATABASE, the file of the SQLite database.
using EfCoreTransaction;
using Examples;
using Microsoft.EntityFrameworkCore;
using VZaps;

var stopping = Example.StopOnCtrlC();

var database = new DbContextOptionsBuilder<OrdersDb>().UseSqlite($"Data Source={Example.Setting("DATABASE")}").Options;
await using (var db = new OrdersDb(database))
    await db.Database.EnsureCreatedAsync(stopping);

await using var client = new VZapsClient(new VZapsClientOptions { ClientToken = Example.Setting("VZAPS_CLIENT_TOKEN"), ClientSecret = Example.Setting("VZAPS_CLIENT_SECRET") });
await using var subscription = await client.Events.SubscribeAsync(new EventSubscribeRequest
{
    InstanceId = Example.Setting("VZAPS_INSTANCE_ID"),
    InstanceToken = Example.Setting("VZAPS_INSTANCE_TOKEN"),
    Events = [EventType.Message],
    Consumer = "orders",
    ProcessedEvents = new DatabaseEventStore(database),
}, stopping);

subscription.OnEvent<MessageEvent>(async (message, context) =>
{
    var db = ((EventTransaction)context.Transaction!).Db;
    db.Orders.Add(new Order { Chat = message.Chat, Text = message.Text ?? "" });
    await db.SaveChangesAsync(context.CancellationToken);
    // Here a crash undoes both; the commit follows, and then the ack.
    Console.WriteLine($"order {await db.Orders.CountAsync(context.CancellationToken)}: {message.Text}");
});
subscription.OnOpen(() => Console.WriteLine("taking orders"));
subscription.OnError(error => Console.Error.WriteLine(error.Message));
await subscription.WaitClosedAsync(stopping);
