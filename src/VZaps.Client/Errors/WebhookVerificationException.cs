namespace VZaps;

/// <summary>A post is not one of the gateway's, or not one of now: answer it with 401 and do nothing with it.</summary>
public sealed class WebhookVerificationException : VZapsException
{
    /// <summary>A refusal without description.</summary>
    public WebhookVerificationException()
    {
    }

    /// <summary>A refusal with its description.</summary>
    public WebhookVerificationException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its description and what caused it.</summary>
    public WebhookVerificationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal WebhookVerificationException(WebhookMistake mistake, string message, Exception? innerException = null)
        : base(message, innerException) => Mistake = mistake;

    /// <summary>What is wrong.</summary>
    public WebhookMistake Mistake { get; }
}

/// <summary>What is wrong with a post that was not accepted.</summary>
public enum WebhookMistake
{
    /// <summary>Not said.</summary>
    Unknown,

    /// <summary>A header that every post has is missing: it is not the gateway's, or something between cut it off.</summary>
    MissingHeader,

    /// <summary>A header is not of its form, or contradicts the signed body.</summary>
    MalformedHeader,

    /// <summary>It was signed longer ago than the tolerance: a copy of an earlier post, or a clock that is wrong.</summary>
    TooOld,

    /// <summary>It was signed further ahead than the tolerance: a clock is wrong.</summary>
    TooNew,

    /// <summary>None of the secrets made the signature: a wrong secret, or a body that was changed on its way, such as by a framework that parsed it and wrote it again.</summary>
    WrongSignature,

    /// <summary>The signature is right, and the body is no event.</summary>
    UnreadableBody,
}
