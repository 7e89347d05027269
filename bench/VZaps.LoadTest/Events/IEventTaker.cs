namespace VZaps.LoadTest.Events;

/// <summary>Gets what one subscription receives; called on one thread at a time.</summary>
internal interface IEventTaker
{
    void Take(int number);

    /// <summary>The subscription ended without having been asked to.</summary>
    void Fail(Exception failure);
}
