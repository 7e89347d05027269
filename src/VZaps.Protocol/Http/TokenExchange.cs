namespace VZaps.Protocol.Http;

/// <summary>The body of <c>POST /token</c>.</summary>
public sealed record TokenRequest
{
    /// <summary>The account's public token.</summary>
    public string? ClientToken { get; init; }

    /// <summary>The account's secret.</summary>
    public string? ClientSecret { get; init; }
}

/// <summary>The answer of <c>POST /token</c>.</summary>
public sealed record TokenAnswer
{
    /// <summary>The signed JWT.</summary>
    public string? AccessToken { get; init; }

    /// <summary>Always <c>Bearer</c>.</summary>
    public string? TokenType { get; init; }

    /// <summary>How long the token is good for, in seconds.</summary>
    public int ExpiresIn { get; init; }
}
