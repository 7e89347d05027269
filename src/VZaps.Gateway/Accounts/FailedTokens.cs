using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Accounts;

/// <summary>Counts the refused requests for a token of each address within the running minute. Thread-safe.</summary>
internal sealed class FailedTokens(int perMinute, TimeProvider time)
{
    // Beyond these no address is counted: a flood from more of them than that guesses no 256-bit secret either,
    // and must not take the memory or lock out everybody else.
    private const int MaxAddresses = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _failures = [];

    // By the clock that cannot be put back: an address must not stay blocked for an hour because the other one was.
    private long _windowStart = time.GetTimestamp();

    /// <summary>Whether the address has used up its failures, and when it may try again.</summary>
    public bool IsBlocked(IPAddress? address, out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            StartWindow();
            retryAfter = Window - time.GetElapsedTime(_windowStart);
            return _failures.GetValueOrDefault(KeyOf(address)) >= perMinute;
        }
    }

    public void Count(IPAddress? address)
    {
        lock (_gate)
        {
            StartWindow();
            var key = KeyOf(address);
            if (_failures.TryGetValue(key, out var failures) || _failures.Count < MaxAddresses)
                _failures[key] = failures + 1;
        }
    }

    private void StartWindow()
    {
        if (time.GetElapsedTime(_windowStart) < Window)
            return;
        _failures.Clear();
        _windowStart = time.GetTimestamp();
    }

    // An IPv6 client owns its whole /64 and could take a new address for each guess.
    private static IPAddress KeyOf(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6 || address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
