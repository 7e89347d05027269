namespace VZaps.Gateway.Outbound;

/// <summary>A host was not called, as it is, or resolves to, what may not be called.</summary>
/// <remarks>The message goes to customers: it has no address that only the resolver knows, as that would map the operator's network for them.</remarks>
internal sealed class OutboundRefusedException(string message) : Exception(message)
{
    /// <summary>The refusal inside of what an <see cref="HttpClient"/> threw; null where it failed for another reason.</summary>
    public static OutboundRefusedException? In(Exception? thrown)
    {
        while (thrown is not null and not OutboundRefusedException)
            thrown = thrown.InnerException;
        return (OutboundRefusedException?)thrown;
    }
}
