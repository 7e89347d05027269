using System.Globalization;
using System.Text;

namespace VZaps.Gateway.Storage;

/// <summary>The data folder belongs to another process.</summary>
internal sealed class DataFolderInUseException(string message) : Exception(message);

/// <summary>Holds the data folder for this process; a killed process holds it no longer.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string FileName = "gateway.lock";
    private const string HolderFileName = "gateway.holder";

    private readonly FileStream _file;

    private DataFolderLock(DataFolder folder, FileStream file) => (Folder, _file) = (folder, file);

    /// <summary>The folder that is held.</summary>
    public DataFolder Folder { get; }

    /// <summary>Takes the lock.</summary>
    /// <exception cref="DataFolderInUseException">Another process has it; the message says which.</exception>
    public static DataFolderLock Take(DataFolder folder, TimeProvider time)
    {
        FileStream file;
        try
        {
            file = folder.OpenFile(FileName, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse) when (inUse is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new DataFolderInUseException(
                $"The data folder {folder.Path} is held by another gateway: {HolderOf(folder)}. Stop that one, or give this one a folder of its own (VZAPS_DATA_PATH).");
        }

        // The locked file cannot be read by the one who is refused, so who holds it stands beside it.
        var since = time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        folder.WriteFileAtOnce(HolderFileName, Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName} since {since}\n"));
        return new DataFolderLock(folder, file);
    }

    public void Dispose() => _file.Dispose();

    private static string HolderOf(DataFolder folder)
    {
        try
        {
            return File.ReadAllText(folder.PathOf(HolderFileName)).Trim();
        }
        catch (IOException)
        {
            return "an unknown process";
        }
    }
}
