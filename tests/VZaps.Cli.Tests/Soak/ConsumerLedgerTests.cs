using VZaps.Cli.Soak;
using Xunit;

namespace VZaps.Cli.Tests.Soak;

public sealed class ConsumerLedgerTests
{
    private static readonly InstanceId Instance = InstanceId.Parse("VZ0123456789ABCDEFGHIJKLMNOPQRSTUV");
    private readonly InstanceLedger _instance = new(Instance.Value);
    private readonly ConsumerLedger _consumer;

    public ConsumerLedgerTests()
    {
        _consumer = new ConsumerLedger("steady", _instance);
        _instance.Claim(10);
    }

    [Fact]
    public void Accepted_and_never_delivered_is_lost()
    {
        _instance.Accept(0, Id(1));
        _instance.Accept(1, Id(2));
        _consumer.Deliver(0, Id(1));
        var account = ConsumerAccount.Of(_consumer, dead: 0);
        Assert.Equal((2, 1, 1), (account.Accepted, account.Delivered, account.Lost));
        Assert.Equal([1L], account.FirstLost);
    }

    [Fact]
    public void Delivered_before_the_answer_came_is_not_lost()
    {
        _consumer.Deliver(3, Id(1));
        _instance.Accept(3, Id(1));
        Assert.Equal(0, ConsumerAccount.Of(_consumer, dead: 0).Lost);
    }

    [Fact]
    public void What_comes_again_is_counted_and_is_not_out_of_order()
    {
        _consumer.Deliver(0, Id(1));
        _consumer.Deliver(1, Id(2));
        _consumer.Deliver(0, Id(1));
        Assert.Equal((1, 0), (_consumer.Redelivered, _consumer.OutOfOrder));
    }

    [Fact]
    public void A_first_delivery_behind_a_later_one_is_out_of_order()
    {
        _consumer.Deliver(1, Id(2));
        _consumer.Deliver(0, Id(1));
        Assert.Equal(1, _consumer.OutOfOrder);
    }

    [Fact]
    public void One_key_with_two_ids_was_stored_twice()
    {
        _instance.Accept(0, Id(1));
        _consumer.Deliver(0, Id(2));
        Assert.Equal(1, _instance.StoredTwice);
    }

    [Fact]
    public void What_nobody_published_is_foreign()
    {
        _consumer.Deliver(10, Id(1));
        _consumer.Deliver(-1, Id(2));
        Assert.Equal(2, _consumer.Foreign);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, true)]
    [InlineData(1, 0, 0, 0, false)]
    [InlineData(0, 1, 0, 0, false)]
    [InlineData(0, 0, 1, 0, false)]
    [InlineData(0, 0, 0, 1, false)]
    public void An_account_holds_when_nothing_is_wrong(long dead, long lost, long outOfOrder, long storedTwice, bool holds)
    {
        var consumer = new ConsumerAccount("steady", Instance.Value, 5, 5 - lost, 2, dead, lost, outOfOrder, 0, []);
        Assert.Equal(holds, new SoakAccount([consumer], 5, storedTwice, 0, 3, 4, 1, 1, TimeSpan.Zero).Holds);
    }

    private static string Id(long sequence) => EventPosition.Create(Instance, 1_750_000_000_000, sequence).ToString();
}
