namespace VZaps.Gateway.Webhooks;

/// <summary>Who has to give way where the logs of all instances together take too much. Pure.</summary>
internal static class LogShares
{
    /// <summary>The share of each: whoever has no more keeps all of it, and with the others cut down to it, all have as much as is allowed.</summary>
    /// <param name="bytes">What each has.</param>
    /// <param name="most">What all may have together.</param>
    /// <returns><see cref="long.MaxValue"/> where nobody has to give way.</returns>
    public static long Of(IEnumerable<long> bytes, long most)
    {
        var (left, sorted) = (most, bytes.Order().ToArray());
        for (var place = 0; place < sorted.Length; place++)
        {
            var share = left / (sorted.Length - place);
            if (sorted[place] > share)
                return share;
            left -= sorted[place];
        }

        return long.MaxValue;
    }
}
