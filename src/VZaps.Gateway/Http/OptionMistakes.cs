using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Http;

/// <summary>What is wrong with a section of the configuration, gathered so that an operator reads all of it at once.</summary>
internal sealed class OptionMistakes
{
    private readonly List<string> _mistakes = [];

    /// <summary>Notes a value that is out of its range.</summary>
    /// <param name="inRange">Whether it is in its range.</param>
    /// <param name="key">The key as the operator types it, such as <c>Auth:AccessTokenLifetime</c>.</param>
    /// <param name="value">The value.</param>
    /// <param name="range">What may be given.</param>
    public OptionMistakes Require(bool inRange, string key, object? value, string range)
    {
        if (!inRange)
            _mistakes.Add($"{key} is '{value}'; give {range}.");
        return this;
    }

    public ValidateOptionsResult ToResult() => _mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_mistakes);
}
