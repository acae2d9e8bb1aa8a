using System.Net;
using System.Net.Sockets;

namespace FedValue.Orleans.Hosting;

/// <summary>Orleans listens with SO_REUSEPORT, so that two silos on one port would start and share its connections in silence.</summary>
static class SiloPorts
{
    /// <summary>Throws when something listens there already.</summary>
    /// <param name="port">The port, on loopback; 0: none.</param>
    /// <param name="purpose">What it is for.</param>
    /// <param name="option">Which option names it.</param>
    /// <exception cref="IOException">The port is taken, or not for this user.</exception>
    public static void ThrowIfTaken(int port, string purpose, string option)
    {
        if (port == 0)
            return;
        // Without SO_REUSEPORT nobody who listens is shared with; what lingers of closed connections is no hindrance.
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
        }
        catch (SocketException taken)
        {
            throw new IOException(
                $"Expected port {port} of this machine to be free, where {purpose}, but it cannot be listened at ({taken.Message}): end what "
                + $"does, another silo perhaps, or name another port with {option}.", taken);
        }
    }
}
