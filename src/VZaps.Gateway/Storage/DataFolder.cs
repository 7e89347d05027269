using System.Security.Cryptography;

namespace VZaps.Gateway.Storage;

/// <summary>The folder that holds everything the gateway keeps; its owner alone may look into it.</summary>
internal sealed class DataFolder
{
    private const UnixFileMode OwnerOnlyFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The mode of files in the folder: 0600.</summary>
    public const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens the folder, and makes it (mode 0700) where it is missing.</summary>
    public DataFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, OwnerOnlyFolder);
    }

    /// <summary>The folder's absolute path.</summary>
    public string Path { get; }

    /// <summary>The path of a file in the folder.</summary>
    public string PathOf(string fileName) => System.IO.Path.Combine(Path, fileName);

    /// <summary>Opens a file in the folder; one that is made gets mode 0600 from its first moment.</summary>
    public FileStream OpenFile(string fileName, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not (FileMode.Open or FileMode.Truncate))
            options.UnixCreateMode = OwnerOnlyFile;
        return new FileStream(PathOf(fileName), options);
    }

    /// <summary>Writes a file that is there whole or not at all, also after a crash.</summary>
    public void WriteFileAtOnce(string fileName, ReadOnlySpan<byte> content)
    {
        var temporary = fileName + ".new";
        using (var file = OpenFile(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(PathOf(temporary), PathOf(fileName), overwrite: true);
        FolderFlush.Run(Path);
    }

    /// <summary>Reads a key from a file of its own; where there is none, one is made and durable when this returns.</summary>
    /// <param name="fileName">The file.</param>
    /// <param name="bytes">The key's length.</param>
    /// <param name="voids">What is void without it, for whoever has to mend it.</param>
    /// <exception cref="InvalidDataException">The file has another length.</exception>
    public byte[] ReadOrMakeKey(string fileName, int bytes, string voids)
    {
        if (!File.Exists(PathOf(fileName)))
            WriteFileAtOnce(fileName, RandomNumberGenerator.GetBytes(bytes));
        var key = File.ReadAllBytes(PathOf(fileName));
        return key.Length == bytes ? key : throw new InvalidDataException($"{PathOf(fileName)} has {key.Length} bytes and not {bytes}. Delete it, and {voids} are void.");
    }
}
