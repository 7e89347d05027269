namespace VZaps.Client.Tests.Realtime;

/// <summary>Always the same answer, and what was asked.</summary>
internal sealed class RecordingPolicy(params TimeSpan?[] answers) : IReconnectPolicy
{
    public List<ReconnectAttempt> Asked { get; } = [];

    public TimeSpan? NextDelay(ReconnectAttempt attempt)
    {
        Asked.Add(attempt);
        return answers[Math.Min(Asked.Count, answers.Length) - 1];
    }
}
