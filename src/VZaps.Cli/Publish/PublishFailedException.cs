namespace VZaps.Cli.Publish;

/// <summary>A batch could not be published.</summary>
internal sealed class PublishFailedException : Exception
{
    public PublishFailedException()
    {
    }

    public PublishFailedException(string message)
        : base(message)
    {
    }

    public PublishFailedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    public PublishFailedException(PublishOutcome outcome, VZapsException cause)
        : base(cause.Message, cause) => (Outcome, Index) = (outcome, (cause as VZapsApiException)?.Index);

    public PublishOutcome Outcome { get; }

    /// <summary>Which event of the batch was refused, from 0; null where it is not about one.</summary>
    public int? Index { get; }
}
