namespace VZaps.Client.Subscribing;

/// <summary>Who takes the events out of the queue: handlers, or somebody who pulls. What it takes it settles and releases.</summary>
internal interface IEventTaker
{
    /// <summary>There is something to take. Returns at once.</summary>
    void Call();

    /// <summary>A copy of an event came that is out: whether the one that is out is given up, so that the copy is taken in its place. Returns at once.</summary>
    bool LetsGo(string id);

    /// <summary>The close has waited long enough: what is out is to be cancelled, or let go.</summary>
    Task AbandonAsync();
}
