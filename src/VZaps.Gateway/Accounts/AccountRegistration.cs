using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Accounts;

/// <summary>Puts the accounts into the container.</summary>
internal static class AccountRegistration
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services
        .AddSingleton<AccountStore>()
        .AddSingleton<AccountDirectory>()
        .AddSingleton<AccessTokens>()
        .AddSingleton<Bootstrap>()
        .AddSingleton(provider => new FailedTokens(
            provider.GetRequiredService<IOptions<LimitsOptions>>().Value.FailedTokensPerMinute, provider.GetRequiredService<TimeProvider>()))
        .AddHostedService<AccountWatch>();
}
