namespace FedValue.Server.Security;

/// <summary>Folders of the server: updates and validation rows are not for other users of the machine.</summary>
static class PrivateFolder
{
    /// <summary>Makes the folder, on Unix with mode 0700; one that is there keeps the mode that somebody gave it.</summary>
    /// <returns>Its full path.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static string Create(string path) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(path).FullName
        : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
}
