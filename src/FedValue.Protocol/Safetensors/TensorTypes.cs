using System.Collections.Frozen;
using static FedValue.Protocol.Safetensors.TensorType;

namespace FedValue.Protocol.Safetensors;

/// <summary>What is known about each <see cref="TensorType"/>.</summary>
public static class TensorTypes
{
    static readonly FrozenDictionary<string, TensorType> ByName =
        Enum.GetValues<TensorType>().ToFrozenDictionary(type => type.ToString(), StringComparer.Ordinal);

    /// <summary>The bytes of one element: 1, 2, 4 or 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of the enumeration.</exception>
    public static int Width(this TensorType type) => type switch
    {
        BOOL or U8 or I8 or F8_E5M2 or F8_E4M3 or F8_E8M0 or F8_E4M3FNUZ or F8_E5M2FNUZ => 1,
        I16 or U16 or F16 or BF16 => 2,
        I32 or U32 or F32 => 4,
        C64 or F64 or I64 or U64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected one of the named tensor types."),
    };

    /// <summary>Reads a <c>dtype</c>, exactly as spelled; false for every other text.</summary>
    public static bool TryParse(string dtype, out TensorType type) => ByName.TryGetValue(dtype, out type);

    /// <summary>Whether the text names a type of the format whose elements are not whole bytes.</summary>
    internal static bool IsSubByte(string dtype) => dtype is "F4" or "F6_E2M3" or "F6_E3M2";
}
