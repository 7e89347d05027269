namespace AnsweringBot;

/// <summary>What the bot says. The logic of a bot stands apart from its events, so that it is tested without any.</summary>
public static class Answers
{
    /// <summary>The answer to a text.</summary>
    public static string To(string text) => text.Contains("open", StringComparison.OrdinalIgnoreCase)
        ? "We are open from 9 to 18."
        : "Thank you, somebody will answer soon.";
}
