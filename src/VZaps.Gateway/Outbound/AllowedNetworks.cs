using System.Net;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Outbound;

/// <summary>Networks that the operator opened although they are not public.</summary>
internal sealed class AllowedNetworks
{
    private readonly IPNetwork[] _networks;

    /// <param name="networks">In CIDR form, checked by <see cref="Require"/> before.</param>
    public AllowedNetworks(IReadOnlyList<string> networks) => _networks = [.. networks.Select(IPNetwork.Parse)];

    public bool Contain(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    /// <summary>Notes what is no network, for the validator of the options that hold the list.</summary>
    /// <param name="mistakes">Where to note it.</param>
    /// <param name="key">The list's key, such as <c>Webhooks:AllowedNetworks</c>.</param>
    /// <param name="networks">The list.</param>
    public static OptionMistakes Require(OptionMistakes mistakes, string key, IReadOnlyList<string> networks)
    {
        for (var place = 0; place < networks.Count; place++)
        {
            mistakes.Require(IPNetwork.TryParse(networks[place], out _), $"{key}:{place}", networks[place],
                "a network in CIDR form, such as 10.0.0.0/8 or 127.0.0.1/32");
        }

        return mistakes;
    }
}
