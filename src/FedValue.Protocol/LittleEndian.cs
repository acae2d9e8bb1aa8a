using System.Runtime.InteropServices;

namespace FedValue.Protocol;

/// <summary>Numbers as their little-endian bytes, on a machine of either endianness.</summary>
static class LittleEndian
{
    /// <summary>The bytes of the values, in order.</summary>
    public static byte[] ToBytes<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        SwapUnlessLittleEndian(bytes, values.Length);
        return bytes;
    }

    /// <summary>The <paramref name="count"/> values whose bytes these are.</summary>
    public static T[] ToArray<T>(ReadOnlySpan<byte> bytes, int count)
        where T : unmanaged
    {
        var values = new T[count];
        CopyTo(bytes, values.AsSpan());
        return values;
    }

    /// <summary>Writes the values whose bytes these are into the destination, which must have exactly their number.</summary>
    public static void CopyTo<T>(ReadOnlySpan<byte> bytes, Span<T> destination)
        where T : unmanaged
    {
        Span<byte> raw = MemoryMarshal.AsBytes(destination);
        if (raw.Length != bytes.Length)
            throw new ArgumentException($"Expected {raw.Length} bytes for {destination.Length} numbers, but {bytes.Length} came.");
        bytes.CopyTo(raw);
        SwapUnlessLittleEndian(raw, destination.Length);
    }

    /// <summary>Writes the bytes of the values, in order, into the destination, which must have exactly their length.</summary>
    public static void CopyTo<T>(ReadOnlySpan<T> values, Span<byte> destination)
        where T : unmanaged
    {
        ReadOnlySpan<byte> raw = MemoryMarshal.AsBytes(values);
        if (raw.Length != destination.Length)
            throw new ArgumentException($"Expected room for {raw.Length} bytes, but there is room for {destination.Length}.");
        raw.CopyTo(destination);
        SwapUnlessLittleEndian(destination, values.Length);
    }

    /// <summary>Reverses the bytes of each element; visible so that little-endian machines can test what only others run.</summary>
    public static void Swap(Span<byte> bytes, int count)
    {
        int width = count == 0 ? 0 : bytes.Length / count;
        for (int i = 0; i < count; i++)
            bytes.Slice(i * width, width).Reverse();
    }

    static void SwapUnlessLittleEndian(Span<byte> bytes, int count)
    {
        if (!BitConverter.IsLittleEndian)
            Swap(bytes, count);
    }
}
