namespace FedValue.Server.Security;

/// <summary>Keeps a second server from a data folder: it would open the rounds of the first one and miss what that appends.</summary>
sealed class FolderLock : IDisposable
{
    readonly FileStream _file;

    FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the folder until the result is disposed or the process ends.</summary>
    /// <exception cref="IOException">Another server has it, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        try
        {
            return new FolderLock(new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException taken) when (taken is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            throw new IOException(
                $"The data folder '{folder}' is in use by another server, or cannot be written: {taken.Message} Stop that one, or name another.",
                taken);
        }
    }

    public void Dispose() => _file.Dispose();
}
