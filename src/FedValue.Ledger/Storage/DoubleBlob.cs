using System.Buffers.Binary;

namespace FedValue.Ledger.Storage;

/// <summary>A list of doubles as a blob: 8 bytes each, little-endian, nothing else.</summary>
public static class DoubleBlob
{
    /// <summary>The bytes of a list of numbers.</summary>
    public static byte[] Write(ReadOnlySpan<double> numbers)
    {
        byte[] blob = new byte[numbers.Length * sizeof(double)];
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(blob.AsSpan(i * sizeof(double)), numbers[i]);
        return blob;
    }

    /// <summary>The numbers in a blob.</summary>
    /// <exception cref="LedgerFormatException">The blob does not hold exactly that many.</exception>
    public static double[] Read(ReadOnlySpan<byte> blob, int count)
    {
        if (blob.Length != (long)count * sizeof(double))
        {
            throw new LedgerFormatException(
                $"Expected {count} doubles in {(long)count * sizeof(double)} bytes, but the blob has {blob.Length} bytes.");
        }

        double[] numbers = new double[count];
        for (int i = 0; i < count; i++)
            numbers[i] = BinaryPrimitives.ReadDoubleLittleEndian(blob[(i * sizeof(double))..]);
        return numbers;
    }
}
