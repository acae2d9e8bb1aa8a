using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FedValue.Orleans.Hosting;

/// <summary>Orleans listens with SO_REUSEPORT, so that two silos on one port would start and share its connections in silence.</summary>
static class SiloPorts
{
    const int Last = IPEndPoint.MaxPort;

    /// <summary>Throws when a silo cannot have these two ports, on loopback.</summary>
    /// <param name="silo">Where silos speak to each other.</param>
    /// <param name="gateway">Where clients speak to silos; 0: nowhere.</param>
    /// <exception cref="FormatException">They are no ports, or the same.</exception>
    /// <exception cref="IOException">One is taken, or not for this user.</exception>
    public static void ThrowIfUnusable(int silo, int gateway)
    {
        if (silo is < 1 or > Last)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"Expected {SiloHosting.SiloPortOption} to be a port from 1 to {Last}, but {silo} came; name one that is free."));
        }
        if (gateway is < 0 or > Last)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"Expected {SiloHosting.GatewayPortOption} to be a port from 1 to {Last}, or 0: none, but {gateway} came; name one that is free."));
        }
        if (silo == gateway)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"Expected {SiloHosting.SiloPortOption} and {SiloHosting.GatewayPortOption} to be two ports, but both are {silo}; name another."));
        }
        ThrowIfTaken(silo, "silos speak to each other", SiloHosting.SiloPortOption);
        if (gateway != 0)
            ThrowIfTaken(gateway, "clients speak to silos", SiloHosting.GatewayPortOption);
    }

    static void ThrowIfTaken(int port, string purpose, string option)
    {
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
