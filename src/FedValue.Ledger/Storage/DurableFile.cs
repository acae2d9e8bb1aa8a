using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FedValue.Ledger.Storage;

/// <summary>Forces files and folders to the disk, and says so when the disk refuses.</summary>
/// <remarks>
/// .NET 10 on Linux drops the error of a failed fsync: neither FileStream.Flush(true) nor RandomAccess.FlushToDisk throws. And only the
/// system call reaches a folder, without which a new name may be lost.
/// </remarks>
public static class DurableFile
{
    const int Interrupted = 4; // EINTR
    const int Invalid = 22; // EINVAL: this kind of file cannot be synchronized, for example a folder on some network file systems

    /// <summary>Forces what was written to a file to the disk.</summary>
    public static void Flush(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
            RandomAccess.FlushToDisk(file);
        else
            Synchronize(file, path);
    }

    /// <summary>Forces the names in a folder to the disk; Windows keeps them by itself.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        using SafeFileHandle folder = OpenReadOnly(path, flags: 0);
        if (folder.IsInvalid)
            throw Failed("opened", path, Marshal.GetLastPInvokeError());
        Synchronize(folder, path);
    }

    static void Synchronize(SafeFileHandle file, string path)
    {
        int error = 0;
        while (SynchronizeOnce(file) != 0 && (error = Marshal.GetLastPInvokeError()) == Interrupted)
        {
        }

        if (error is not (0 or Interrupted or Invalid))
            throw Failed("forced to the disk", path, error);
    }

    static IOException Failed(string verb, string path, int error) =>
        new($"'{path}' could not be {verb}: {Marshal.GetPInvokeErrorMessage(error)}. Do not rely on what was written; check the disk.");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    static extern SafeFileHandle OpenReadOnly([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    static extern int SynchronizeOnce(SafeFileHandle file);
}
