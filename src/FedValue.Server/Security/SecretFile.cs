using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace FedValue.Server.Security;

/// <summary>A secret that the server made for itself at its first start and keeps in a file that only its owner may read.</summary>
/// <param name="isExpected">Whether there should be one: that what was given out under it holds no more is then noted.</param>
/// <param name="logger">Where that is noted.</param>
sealed partial class SecretFile(bool isExpected, ILogger<SecretFile> logger)
{
    const int SecretBytes = 32;

    /// <summary>Reads the secret, or makes it.</summary>
    /// <exception cref="FormatException">The file is there, but too short to be a secret.</exception>
    public string ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            // Written under another name first: a crash in between must not leave an empty secret.
            string partial = path + ".partial";
            File.Delete(partial);
            using (var file = new StreamWriter(partial, options))
                file.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)) + "\n");
            File.Move(partial, path);
            if (isExpected)
                MadeAnew(logger, path);
        }
        string secret = File.ReadAllText(path).Trim();
        return secret.Length >= 16
            ? secret
            : throw new FormatException($"'{path}' holds a secret of 16 characters or more, but fewer are there; delete the file for a new one.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was missing and is made anew: tokens that were given out before hold no more")]
    static partial void MadeAnew(ILogger logger, string path);
}
