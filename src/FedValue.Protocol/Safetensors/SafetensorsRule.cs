namespace FedValue.Protocol.Safetensors;

/// <summary>
/// The rule a file breaks. Names are those of the reference parser's errors where it has the rule; the others are rules of the format
/// it does not enforce, or limits of FedValue.
/// </summary>
public enum SafetensorsRule
{
    /// <summary>A file has at least the 8 bytes of the header's length.</summary>
    HeaderTooSmall,

    /// <summary>A header has at most <see cref="SafetensorsHeader.LengthMax"/> bytes; the reference takes 100 times as many.</summary>
    HeaderTooLarge,

    /// <summary>The header ends within the file.</summary>
    InvalidHeaderLength,

    /// <summary>The header is UTF-8.</summary>
    InvalidHeader,

    /// <summary>The header's first byte is an opening brace; the reference also takes whitespace before it.</summary>
    InvalidHeaderStart,

    /// <summary>
    /// The header is a JSON object of tensors with exactly <c>dtype</c>, <c>shape</c> and <c>data_offsets</c>, whose numbers are integers
    /// of 0 or more and whose type is known, and of metadata from strings to strings; the reference ignores further members.
    /// </summary>
    InvalidHeaderDeserialization,

    /// <summary>No object of the header names a member twice; the reference keeps the last.</summary>
    DuplicateKey,

    /// <summary>A header has at most <see cref="SafetensorsHeader.TensorCountMax"/> tensors.</summary>
    TooManyTensors,

    /// <summary>Offsets start at 0 and leave neither hole nor overlap.</summary>
    InvalidOffset,

    /// <summary>Every integer, every product of a shape, and its number of bits fit 63 bits.</summary>
    ValidationOverflow,

    /// <summary>Elements are whole bytes: F4, F6_E2M3 and F6_E3M2 are refused, even where the reference would find whole bytes.</summary>
    MisalignedSlice,

    /// <summary>A tensor's offsets are as far apart as its type and shape ask for.</summary>
    TensorInvalidInfo,

    /// <summary>The file ends with the last tensor's last byte.</summary>
    MetadataIncompleteBuffer,
}
