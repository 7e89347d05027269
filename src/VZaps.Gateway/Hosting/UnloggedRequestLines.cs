using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Hosting;

/// <summary>Silences the one category that prints request lines as they came, so with the credentials in their query.
/// No configuration, however verbose, opens it again.</summary>
internal sealed class UnloggedRequestLines : IPostConfigureOptions<LoggerFilterOptions>
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        for (var index = 0; index < options.Rules.Count; index++)
        {
            var rule = options.Rules[index];
            options.Rules[index] = new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel,
                (provider, category, level) => category != Category && (rule.Filter?.Invoke(provider, category, level) ?? true));
        }

        // Where no other rule speaks of the category.
        options.Rules.Add(new LoggerFilterRule(providerName: null, Category, LogLevel.None, filter: null));
    }
}
