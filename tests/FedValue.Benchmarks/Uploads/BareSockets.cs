using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FedValue.Ledger.Storage;

namespace FedValue.Benchmarks.Uploads;

/// <summary>
/// The least that taking uploads costs: a process that reads sockets, digests what comes, writes it into files and forces each to the disk
/// once, while the same trainers send. No HTTP, no inspection, no ledger, one blocking thread per connection.
/// </summary>
static class BareSockets
{
    /// <summary>What starts the receiver: this word, a folder, how many uploads, the bytes of each.</summary>
    public const string Command = "bare-sockets";

    const int PieceLength = 1 << 18;

    /// <summary>Sends all updates at once and waits until all are on the disk.</summary>
    /// <param name="updates">Of one length.</param>
    /// <param name="folder">Where they go; made, and deleted afterwards.</param>
    /// <returns>By the clock, and the receiver's processor time.</returns>
    public static async Task<Cost> RunAsync(UpdateBody[] updates, string folder)
    {
        Directory.CreateDirectory(folder);
        string program = Path.Combine(AppContext.BaseDirectory, "FedValue.Benchmarks.dll");
        var start = new ProcessStartInfo("dotnet", [program, Command, folder, Text(updates.Length), Text(updates[0].Length)])
        {
            RedirectStandardOutput = true,
        };
        using Process receiver = Process.Start(start)!;
        int port = int.Parse((await receiver.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(updates.Select(update => Task.Run(() => SendAsync(update, port))));
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double processor = double.Parse((await receiver.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        await receiver.WaitForExitAsync();
        Directory.Delete(folder, recursive: true);
        return new Cost(seconds, processor);
    }

    /// <summary>The receiver: says its port, takes the uploads, says its processor time since then in seconds.</summary>
    public static void Receive(string folder, int uploads, long length)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(uploads);
        TimeSpan before = Yardsticks.ProcessorTime();
        Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port);
        Thread[] threads = [.. Enumerable.Range(0, uploads).Select(k => new Thread(() => Take(listener, Path.Combine(folder, Text(k)), length)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Console.WriteLine((Yardsticks.ProcessorTime() - before).TotalSeconds.ToString(CultureInfo.InvariantCulture));
    }

    static void Take(Socket listener, string path, long length)
    {
        using Socket connection = listener.Accept();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        byte[] piece = new byte[PieceLength];
        for (long offset = 0; offset < length;)
        {
            int came = connection.Receive(piece);
            if (came == 0)
                throw new IOException("A trainer of the benchmark has gone.");
            hash.AppendData(piece, 0, came);
            RandomAccess.Write(file, piece.AsSpan(0, came), offset);
            offset += came;
        }
        DurableFile.Flush(file, path);
        connection.Send(hash.GetHashAndReset());
    }

    static async Task SendAsync(UpdateBody update, int port)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream stream = connection.GetStream();
        await update.Content().CopyToAsync(stream);
        byte[] digest = new byte[SHA256.HashSizeInBytes];
        await stream.ReadExactlyAsync(digest);
        if (!digest.AsSpan().SequenceEqual(Convert.FromHexString(update.Digest.ToString())))
            throw new InvalidOperationException("The receiver has another digest than the trainer.");
    }

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
