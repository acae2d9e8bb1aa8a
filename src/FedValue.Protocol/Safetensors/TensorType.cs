namespace FedValue.Protocol.Safetensors;

/// <summary>The element types of safetensors whose elements are whole bytes, spelled as in a file's <c>dtype</c>.</summary>
public enum TensorType
{
    /// <summary>1 byte, 0 or 1.</summary>
    BOOL,

    /// <summary>1 byte, unsigned.</summary>
    U8,

    /// <summary>1 byte, signed.</summary>
    I8,

    /// <summary>1 byte: float with 5 exponent and 2 fraction bits.</summary>
    F8_E5M2,

    /// <summary>1 byte: float with 4 exponent and 3 fraction bits.</summary>
    F8_E4M3,

    /// <summary>1 byte: a power of two, 8 exponent bits.</summary>
    F8_E8M0,

    /// <summary>1 byte: as <see cref="F8_E4M3"/>, without infinities and negative zero.</summary>
    F8_E4M3FNUZ,

    /// <summary>1 byte: as <see cref="F8_E5M2"/>, without infinities and negative zero.</summary>
    F8_E5M2FNUZ,

    /// <summary>2 bytes, signed.</summary>
    I16,

    /// <summary>2 bytes, unsigned.</summary>
    U16,

    /// <summary>2 bytes: IEEE 754 half precision.</summary>
    F16,

    /// <summary>2 bytes: the upper half of a single precision float.</summary>
    BF16,

    /// <summary>4 bytes, signed.</summary>
    I32,

    /// <summary>4 bytes, unsigned.</summary>
    U32,

    /// <summary>4 bytes: IEEE 754 single precision.</summary>
    F32,

    /// <summary>8 bytes: a complex number of two single precision floats.</summary>
    C64,

    /// <summary>8 bytes: IEEE 754 double precision.</summary>
    F64,

    /// <summary>8 bytes, signed.</summary>
    I64,

    /// <summary>8 bytes, unsigned.</summary>
    U64,
}
