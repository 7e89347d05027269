using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

internal static class RowsOfFiles
{
    /// <summary>Those of some files that have a row.</summary>
    public static async Task<HashSet<string>> WithRowsAsync(this GatewayDatabase database, List<string> hashes, CancellationToken cancellationToken)
    {
        var found = await database.Set<MediaRow>().Where(row => row.Sha256 != null && hashes.Contains(row.Sha256)).Select(row => row.Sha256!).Distinct().ToListAsync(cancellationToken);
        return [.. found];
    }
}
