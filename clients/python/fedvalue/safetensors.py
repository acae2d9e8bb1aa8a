"""safetensors files with numpy alone: 8 bytes of header length, JSON, then the tensors' bytes without gaps.

Reading is as strict as the server: what it would refuse is refused here, under the same rule's name (``SafetensorsError.code``).
BF16, which numpy lacks, is widened to float32 on reading (exactly) and rounded to the nearest, ties to even, on writing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from .errors import SafetensorsError

Array = npt.NDArray[Any]
Buffer = Union[bytes, bytearray, memoryview]

HEADER_LENGTH_MAX = 1_000_000
TENSOR_COUNT_MAX = 10_000
_PREFIX = 8
_SUB_BYTE = ("F4", "F6_E2M3", "F6_E3M2")
_STORED = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8", "I64": "<i8",
    "F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
    "F8_E5M2": "u1", "F8_E4M3": "u1", "F8_E8M0": "u1", "F8_E4M3FNUZ": "u1", "F8_E5M2FNUZ": "u1",
}  # fmt: skip
_NAMES = {np.dtype(stored): name for name, stored in reversed(_STORED.items()) if name != "BF16" and not name.startswith("F8")}


@dataclass(frozen=True)
class TensorInfo:
    """One tensor of a header: name, dtype as spelled in the file, shape, and where its bytes begin and end behind the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """A checked header: ``tensors`` in the order of their bytes, which start at ``data_start`` in the file."""

    data_start: int
    tensors: tuple[TensorInfo, ...]
    metadata: dict[str, str]


def parse_header(file: Buffer) -> Header:
    """Checks everything but the values of a whole file.

    Raises SafetensorsError, whose code is the rule the file breaks.
    """
    view = memoryview(file).cast("B")
    if len(view) < _PREFIX:
        raise _refuse("HeaderTooSmall", f"A safetensors file has at least {_PREFIX} bytes, but {len(view)} came; send the whole file.")
    length = int.from_bytes(view[:_PREFIX], "little")
    if length > HEADER_LENGTH_MAX:
        raise _refuse("HeaderTooLarge", f"A safetensors header has at most {HEADER_LENGTH_MAX} bytes here, but it says {length}.")
    if length > len(view) - _PREFIX:
        raise _refuse("InvalidHeaderLength", f"The header says it has {length} bytes, but only {len(view) - _PREFIX} follow.")
    raw = bytes(view[_PREFIX : _PREFIX + length])
    try:
        text = raw.decode()
    except UnicodeDecodeError as wrong:
        raise _refuse("InvalidHeader", "A safetensors header is UTF-8, but other bytes came.") from wrong
    if not text.startswith("{"):
        raise _refuse("InvalidHeaderStart", "A safetensors header starts with '{', but another byte came, or none.")
    tensors, metadata = _read_json(text)
    # Stable, so that tensors without bytes, which share their offsets, keep the order of the header.
    tensors.sort(key=lambda tensor: (tensor.begin, tensor.end))
    end = 0
    for tensor in tensors:
        end = _check(tensor, end)
    if _PREFIX + length + end != len(view):
        raise _refuse(
            "MetadataIncompleteBuffer", f"The header describes a file of {_PREFIX + length + end} bytes, but {len(view)} came."
        )
    return Header(_PREFIX + length, tuple(tensors), metadata)


def read(file: Buffer) -> dict[str, Array]:
    """The tensors of a whole file by name, in the order of their bytes.

    Arrays share the file's memory (writable where it is), except BF16, which comes as a float32 copy; F8 types come as raw uint8.
    Raises SafetensorsError.
    """
    header = parse_header(file)
    view = memoryview(file).cast("B")
    arrays: dict[str, Array] = {}
    for tensor in header.tensors:
        slice_ = view[header.data_start + tensor.begin : header.data_start + tensor.end]
        try:
            array: Array = np.frombuffer(slice_, _STORED[tensor.dtype]).reshape(tensor.shape)
        except ValueError as wrong:
            raise _refuse("Unrepresentable", f"numpy has no array of the shape of tensor {tensor.name!r}: {wrong}.") from wrong
        if tensor.dtype == "BF16":
            array = widen_bf16(array)
        arrays[tensor.name] = array if array.flags.aligned else array.copy()
    return arrays


def load(path: Union[str, "os.PathLike[str]"]) -> dict[str, Array]:
    """The tensors of a file on disk, writable."""
    with open(path, "rb") as file:
        return read(bytearray(file.read()))


def chunks(
    tensors: Mapping[str, Array], dtypes: Mapping[str, str] | None = None, metadata: Mapping[str, str] | None = None
) -> list[Buffer]:
    """The bytes of a file as buffers, header first, the tensors in the order of the mapping; nothing is copied but what must be.

    ``dtypes`` names the stored type where it does not follow from the array's: ``BF16`` for float32 arrays.
    Raises SafetensorsError where a limit is exceeded, TypeError for an array whose type safetensors does not have.
    """
    if len(tensors) > TENSOR_COUNT_MAX:
        raise _refuse("TooManyTensors", f"A safetensors file has at most {TENSOR_COUNT_MAX} tensors here, but {len(tensors)} came.")
    members: dict[str, Any] = {}
    if metadata:
        members["__metadata__"] = dict(sorted(metadata.items()))
    buffers: list[Buffer] = []
    begin = 0
    for name, array in tensors.items():
        if name == "__metadata__":
            raise _refuse("InvalidHeaderDeserialization", "No tensor can have the name '__metadata__'.")
        dtype = (dtypes or {}).get(name) or dtype_of(array)
        stored = _stored(array, dtype)
        end = begin + stored.nbytes
        members[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [begin, end]}
        if stored.nbytes:
            buffers.append(stored.reshape(-1).view(np.uint8).data)
        begin = end
    header = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    if len(header) > HEADER_LENGTH_MAX:
        raise _refuse("HeaderTooLarge", f"A safetensors header has at most {HEADER_LENGTH_MAX} bytes here, but {len(header)} came.")
    return [len(header).to_bytes(_PREFIX, "little") + header, *buffers]


def write(
    tensors: Mapping[str, Array], dtypes: Mapping[str, str] | None = None, metadata: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of a file; see :func:`chunks`."""
    return b"".join(chunks(tensors, dtypes, metadata))


def save(path: Union[str, "os.PathLike[str]"], tensors: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> None:
    """Writes a file on disk from arrays or torch tensors, for example a ``state_dict()`` in its order; torch's bfloat16 stays BF16."""
    from .parameters import to_array, torch_dtype

    arrays = {name: to_array(value) for name, value in tensors.items()}
    dtypes = {name: "BF16" for name, value in tensors.items() if torch_dtype(value) == "bfloat16"}
    with open(path, "wb") as file:
        for buffer in chunks(arrays, dtypes, metadata):
            file.write(buffer)


def dtype_of(array: Array) -> str:
    """How safetensors spells an array's type. Raises TypeError where it has none for it."""
    try:
        return _NAMES[array.dtype.newbyteorder("<")]
    except KeyError:
        raise TypeError(f"safetensors has no type for arrays of {array.dtype}; convert it, for example to float32.") from None


def native_dtype(dtype: str) -> np.dtype[Any]:
    """The numpy type that :func:`read` gives for a stored type: float32 for BF16."""
    return np.dtype("<f4" if dtype == "BF16" else _STORED[dtype])


def is_known(dtype: str) -> bool:
    """Whether the text is a type of the format whose elements are whole bytes."""
    return dtype in _STORED


def widen_bf16(bits: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """The float32 values of BF16 bits (uint16), exactly."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def round_to_bf16(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """The nearest BF16 bits (uint16) of float32 values, ties to even; what is too large becomes infinite, a NaN stays one."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded = (bits + (np.uint32(0x7FFF) + ((bits >> 16) & 1))) >> 16
    return np.where(np.isnan(values), (bits >> 16) | 0x40, rounded).astype(np.uint16).reshape(np.shape(values))


def _stored(array: Array, dtype: str) -> Array:
    if not is_known(dtype):
        raise TypeError(f"safetensors has no type {dtype!r}.")
    if dtype == "BF16" and array.dtype.kind == "f":
        array = round_to_bf16(array.astype(np.float32, copy=False))
    if array.dtype.newbyteorder("<") != np.dtype(_STORED[dtype]):
        raise TypeError(f"An array of {array.dtype} cannot be written as {dtype}; convert it first.")
    return np.ascontiguousarray(array, _STORED[dtype])


def _read_json(text: str) -> tuple[list[TensorInfo], dict[str, str]]:
    try:
        members = json.loads(text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_no_number, parse_constant=_no_number)
    except SafetensorsError:
        raise
    except (ValueError, RecursionError) as wrong:
        raise _bad(str(wrong)) from wrong
    metadata: dict[str, str] = {}
    tensors: list[TensorInfo] = []
    for name, member in members.items():
        if name == "__metadata__":
            if not isinstance(member, dict) or not all(isinstance(value, str) for value in member.values()):
                raise _bad("__metadata__ must be an object of strings")
            metadata = {key: _text(value) for key, value in member.items()}
        elif len(tensors) == TENSOR_COUNT_MAX:
            raise _refuse("TooManyTensors", f"A safetensors file has at most {TENSOR_COUNT_MAX} tensors here, but more came.")
        else:
            tensors.append(_tensor(name, member))
    return tensors, metadata


def _tensor(name: str, member: Any) -> TensorInfo:
    if not isinstance(member, dict) or set(member) != {"dtype", "shape", "data_offsets"}:
        raise _bad(f"tensor {name!r} must be an object with dtype, shape, data_offsets and nothing else")
    dtype, shape, offsets = member["dtype"], member["shape"], member["data_offsets"]
    if dtype in _SUB_BYTE:
        raise _refuse("MisalignedSlice", f"Elements must be whole bytes, but tensor {name!r} has type {dtype}.")
    if not isinstance(dtype, str) or not is_known(dtype):
        raise _bad(f"tensor {name!r} has the unknown dtype {dtype!r}")
    if not _integers(shape) or not _integers(offsets) or len(offsets) != 2:
        raise _bad(f"the shape of tensor {name!r} is a list of integers of 0 or more, its data_offsets are two")
    if max((*shape, *offsets)) >= 2**63:
        raise _overflow(name)
    return TensorInfo(name, dtype, tuple(shape), offsets[0], offsets[1])


def _check(tensor: TensorInfo, end: int) -> int:
    if tensor.begin != end or tensor.end < tensor.begin:
        raise _refuse(
            "InvalidOffset",
            f"The bytes of tensor {tensor.name!r} must start at {end}, where those before it end, but its offsets are "
            f"[{tensor.begin},{tensor.end}]; leave neither hole nor overlap.",
        )
    width = np.dtype(_STORED[tensor.dtype]).itemsize
    # From the left, as the reference does, so that a zero at the end does not hide an overflow before it.
    count = 1
    for dimension in tensor.shape:
        count *= dimension
        if count >= 2**63:
            raise _overflow(tensor.name)
    size = count * width
    if size * 8 >= 2**63:
        raise _overflow(tensor.name)
    if tensor.end - tensor.begin != size:
        raise _refuse(
            "TensorInvalidInfo",
            f"Tensor {tensor.name!r} is {tensor.dtype} {list(tensor.shape)} and needs {size} bytes, but its offsets give it "
            f"{tensor.end - tensor.begin}.",
        )
    return tensor.end


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _refuse("DuplicateKey", f"The header names the member {name!r} twice.")
        members[_text(name)] = value
    return members


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as wrong:
        raise _bad("a string escapes half a surrogate pair") from wrong
    return text


def _integer(text: str) -> int:
    # Digits and nothing else, up to 2^64 - 1: neither -0 nor thousands of digits.
    if text.startswith("-") or len(text) > 20 or int(text) >= 2**64:
        raise _bad(f"expected an integer 0 .. 2^64 - 1, but {text[:24]!r} came")
    return int(text)


def _no_number(text: str) -> int:
    raise _bad(f"expected integers, but {text[:24]!r} came")


def _integers(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int for number in value)


def _bad(problem: str) -> SafetensorsError:
    return _refuse("InvalidHeaderDeserialization", f"The header is not a JSON object of tensors: {problem}.")


def _overflow(name: str) -> SafetensorsError:
    return _refuse("ValidationOverflow", f"The shape and offsets of tensor {name!r}, and its size in bits, must fit 63 bits.")


def _refuse(rule: str, message: str) -> SafetensorsError:
    return SafetensorsError(message, code=rule)
