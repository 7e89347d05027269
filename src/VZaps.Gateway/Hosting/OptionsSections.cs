using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Hosting;

/// <summary>The configuration is wrong; nothing was started.</summary>
internal sealed class InvalidConfigurationException(IReadOnlyCollection<string> mistakes)
    : Exception("The configuration is wrong:" + string.Concat(mistakes.Select(mistake => Environment.NewLine + "  " + mistake)))
{
    public IReadOnlyCollection<string> Mistakes { get; } = mistakes;
}

/// <summary>Sections of the configuration as options that are checked before anything starts.</summary>
internal static class OptionsSections
{
    /// <summary>Adds options read from a section, or from the root where <paramref name="section"/> is empty.</summary>
    public static IServiceCollection AddOptionsSection<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => SectionReader.Read(options, SectionOf(configuration, section), []));
        services.AddSingleton<IValidateOptions<TOptions>>(provider =>
            new ReadableSection<TOptions>(SectionOf(provider.GetRequiredService<IConfiguration>(), section)));
        return services.AddSingleton<IOptionsCheck, OptionsCheck<TOptions>>();
    }

    /// <summary>Adds options read from a section, with the validator of their ranges.</summary>
    public static IServiceCollection AddOptionsSection<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions> =>
        services.AddOptionsSection<TOptions>(section).AddSingleton<IValidateOptions<TOptions>, TValidator>();

    /// <summary>Checks all sections.</summary>
    /// <exception cref="InvalidConfigurationException">With every mistake of every section.</exception>
    public static void CheckOptions(this IServiceProvider services)
    {
        var mistakes = services.GetServices<IOptionsCheck>().SelectMany(check => check.Mistakes()).ToArray();
        if (mistakes.Length > 0)
            throw new InvalidConfigurationException(mistakes);
    }

    private static IConfiguration SectionOf(IConfiguration configuration, string section) =>
        section.Length == 0 ? configuration : configuration.GetSection(section);

    private interface IOptionsCheck
    {
        IEnumerable<string> Mistakes();
    }

    private sealed class OptionsCheck<TOptions>(IOptions<TOptions> options) : IOptionsCheck
        where TOptions : class
    {
        public IEnumerable<string> Mistakes()
        {
            try
            {
                _ = options.Value;
                return [];
            }
            catch (OptionsValidationException wrong)
            {
                return wrong.Failures;
            }
        }
    }

    private sealed class ReadableSection<TOptions>(IConfiguration section) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var mistakes = new List<string>();
            SectionReader.Read(options, section, mistakes);
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
