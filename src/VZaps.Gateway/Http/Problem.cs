namespace VZaps.Gateway.Http;

/// <summary>Why a request is refused, as the client reads it. Neither text may hold a credential.</summary>
/// <param name="Status">The HTTP status, 4xx or 5xx.</param>
/// <param name="Code">The stable code for programs; once shipped it never changes its meaning.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
internal sealed record Problem(int Status, string Code, string Message)
{
    /// <summary>When to come back, for the <c>Retry-After</c> header; rounded up to whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The place in the request's array or lines that was refused, from 0.</summary>
    public int? Index { get; init; }

    public ProblemException ToException() => new(this);
}

/// <summary>Ends a request with a <see cref="Http.Problem"/>.</summary>
internal sealed class ProblemException(Problem problem) : Exception($"{problem.Status} {problem.Code}: {problem.Message}")
{
    public Problem Problem { get; } = problem;
}
