namespace VZaps;

/// <summary>An event's payload is not of the form that its type has. The event itself is as it came, and its raw JSON is at hand.</summary>
public sealed class VZapsPayloadException : VZapsException
{
    /// <summary>An error without description.</summary>
    public VZapsPayloadException()
    {
    }

    /// <summary>An error with its description.</summary>
    public VZapsPayloadException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its description and what caused it.</summary>
    public VZapsPayloadException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    // The value itself is left out: it may be what somebody wrote.
    internal VZapsPayloadException(VZapsEvent received, string jsonPath, string what)
        : base($"The payload of {received.Type} {received.Id} does not fit at {jsonPath}: {what}.") => (Event, JsonPath) = (received, jsonPath);

    /// <summary>Where in <see cref="VZapsEvent.Data"/>, such as <c>$.event.Info.Timestamp</c>.</summary>
    public string JsonPath { get; } = "";

    /// <summary>The event.</summary>
    public VZapsEvent? Event { get; }
}
