namespace VZaps.Cli.Soak;

/// <summary>How a soak went.</summary>
/// <param name="Consumers">One account each.</param>
/// <param name="Accepted">Events of all instances whose publish was answered.</param>
/// <param name="StoredTwice">Events that are in the log under two ids.</param>
/// <param name="NeverAnswered">Events whose publish was given up at the end.</param>
/// <param name="Repeats">Batches that were sent again.</param>
/// <param name="Dropped">Redeliveries that the SDK kept from the handlers.</param>
/// <param name="Kills">Kills of the gateway.</param>
/// <param name="Cuts">Connections that were cut.</param>
/// <param name="Length">How long it took.</param>
internal sealed record SoakAccount(
    IReadOnlyList<ConsumerAccount> Consumers,
    long Accepted,
    long StoredTwice,
    long NeverAnswered,
    long Repeats,
    long Dropped,
    int Kills,
    long Cuts,
    TimeSpan Length)
{
    /// <summary>Whether every promise was kept.</summary>
    public bool Holds => StoredTwice == 0 && NeverAnswered == 0 && Consumers.All(consumer => consumer is { Lost: 0, Dead: 0, OutOfOrder: 0, Foreign: 0 });
}

/// <summary>One consumer's account.</summary>
/// <param name="Consumer">Its name.</param>
/// <param name="InstanceId">Whose events.</param>
/// <param name="Accepted">Events that it should have got.</param>
/// <param name="Delivered">Events that reached its handler, each once.</param>
/// <param name="Redelivered">Times that one reached it again.</param>
/// <param name="Dead">Its dead letters.</param>
/// <param name="Lost">Accepted events that never reached it.</param>
/// <param name="OutOfOrder">First deliveries after one further on in the log.</param>
/// <param name="Foreign">Events that nobody published.</param>
/// <param name="FirstLost">The numbers of the first few that were lost.</param>
internal sealed record ConsumerAccount(
    string Consumer,
    string InstanceId,
    long Accepted,
    long Delivered,
    long Redelivered,
    long Dead,
    long Lost,
    long OutOfOrder,
    long Foreign,
    IReadOnlyList<long> FirstLost)
{
    private const int Shown = 5;

    public static ConsumerAccount Of(ConsumerLedger ledger, long dead)
    {
        var (lost, first) = ledger.Missing(Shown);
        return new ConsumerAccount(
            ledger.Name, ledger.Instance.InstanceId, ledger.Instance.Accepted.Count, ledger.Delivered.Count, ledger.Redelivered, dead, lost, ledger.OutOfOrder, ledger.Foreign, first);
    }
}
