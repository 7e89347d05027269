using Microsoft.Data.Sqlite;

namespace VZaps.Gateway.Http;

/// <summary>A request that has to save something, on a disk without room for it: no bug of ours, and it mends itself.</summary>
internal static class FullDatabase
{
    private const int Full = 13; // SQLITE_FULL

    public static bool IsReasonOf(Exception failure)
    {
        for (var reason = failure; reason is not null; reason = reason.InnerException)
        {
            if (reason is SqliteException { SqliteErrorCode: Full })
                return true;
        }

        return false;
    }
}
