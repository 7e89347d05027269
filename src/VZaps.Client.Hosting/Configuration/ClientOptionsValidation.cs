using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>Checks the client's options as the client itself does: by making one, which sends nothing.</summary>
internal sealed class ClientOptionsValidation : IValidateOptions<VZapsClientOptions>
{
    public ValidateOptionsResult Validate(string? name, VZapsClientOptions options)
    {
        try
        {
            // Without a subscription its disposal has nothing to wait for.
            _ = new VZapsClient(options).DisposeAsync().AsTask();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException wrong)
        {
            return ValidateOptionsResult.Fail($"VZaps: {wrong.Message}");
        }
    }
}
