namespace VZaps;

/// <summary>
/// A credential was refused: the client token and secret, the access token made of them (after it was renewed once), or the
/// instance token. Trying again with the same ones does not help.
/// </summary>
public sealed class VZapsAuthenticationException : VZapsException
{
    /// <summary>A refusal without description.</summary>
    public VZapsAuthenticationException()
    {
    }

    /// <summary>A refusal with its description.</summary>
    public VZapsAuthenticationException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its description and what caused it.</summary>
    public VZapsAuthenticationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The server's stable code, such as <c>invalid_token</c>; null where it gave none.</summary>
    public string? ErrorCode { get; init; }
}
