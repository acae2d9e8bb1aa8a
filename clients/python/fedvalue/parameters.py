"""A model's tensors as a trainer sees them: a list of arrays in the manifest's order, or a mapping from names to arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Union

import numpy as np

from . import safetensors
from .errors import FedValueError, TrainerError
from .safetensors import Array

Parameters = Union[list[Array], dict[str, Array]]
"""What a trainer is given: one array per tensor of the manifest, writable, BF16 as float32."""


@dataclass(frozen=True)
class TensorSpec:
    """One tensor of a model: name, dtype as safetensors spells it, shape, and role: ``weight``, or ``buffer`` which is only carried along."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    role: str = "weight"

    @property
    def form(self) -> str:
        """Type and shape, such as ``F32 [10,64]``."""
        return f"{self.dtype} [{','.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class Manifest:
    """The tensors of a model in order."""

    tensors: tuple[TensorSpec, ...]

    @classmethod
    def of_json(cls, value: Any) -> Manifest:
        """Reads ``{"tensors": [{name, dtype, shape, role}]}``, or the list alone. Raises FedValueError for anything else."""
        try:
            tensors = value["tensors"] if isinstance(value, Mapping) else value
            specs = tuple(TensorSpec(t["name"], t["dtype"], tuple(t["shape"]), t.get("role", "weight")) for t in tensors)
        except (KeyError, TypeError) as wrong:
            raise FedValueError(f"Expected a model manifest with name, dtype and shape of every tensor, but {value!r:.200} came.") from wrong
        unknown = [spec.dtype for spec in specs if not safetensors.is_known(spec.dtype)]
        if unknown:
            raise FedValueError(f"The federation's model has the dtype {unknown[0]!r}, which this client does not know; update the client.")
        return cls(specs)

    def read(self, file: safetensors.Buffer) -> dict[str, Array]:
        """A model file's arrays in the manifest's order. Raises FedValueError where it has other tensors than the manifest."""
        header = safetensors.parse_header(file)
        came = {info.name: TensorSpec(info.name, info.dtype, info.shape).form for info in header.tensors}
        expected = {spec.name: spec.form for spec in self.tensors}
        for name in [*expected, *came]:
            if expected.get(name) != came.get(name):
                raise FedValueError(
                    f"The model of the round should have {expected.get(name, 'no tensor')} as {name!r}, "
                    f"but {came.get(name, 'no tensor')} came; report it to the operator."
                )
        arrays = safetensors.read(file)
        return {spec.name: arrays[spec.name] for spec in self.tensors}

    def chunks(self, arrays: Mapping[str, Array]) -> list[safetensors.Buffer]:
        """The file of checked arrays as buffers, in the manifest's order."""
        return safetensors.chunks({spec.name: arrays[spec.name] for spec in self.tensors}, {s.name: s.dtype for s in self.tensors})

    def arrays(self, parameters: Any, *, cast: bool = False, source: str = "fit") -> dict[str, Array]:
        """What a trainer returned as parameters, by name, checked against the manifest: names or number, dtype, shape, finite floats.

        ``cast`` allows other float types where the manifest has floats (float64 for F32, say); shapes are never broadcast.
        Raises TrainerError that names the tensor.
        """
        values = self._by_name(parameters, source)
        return {spec.name: _check(spec, values[spec.name], cast, source) for spec in self.tensors}

    def _by_name(self, parameters: Any, source: str) -> dict[str, Any]:
        names = [spec.name for spec in self.tensors]
        if isinstance(parameters, Mapping):
            missing = [name for name in names if name not in parameters]
            extra = [name for name in parameters if name not in set(names)]
            if missing or extra:
                lacks = [f"lacks {_some(missing)}"] if missing else []
                has = [f"has {_some(extra)} beside them"] if extra else []
                raise TrainerError(
                    f"{source} must return exactly the tensors of the model by name, but what came {' and '.join(lacks + has)}; "
                    "return the whole state_dict()."
                )
            return {name: parameters[name] for name in names}
        if isinstance(parameters, np.ndarray) or is_torch(parameters):
            raise TrainerError(
                f"{source} must return a list of {len(names)} arrays or a dict of them, but one array came; wrap it in a list."
            )
        if isinstance(parameters, (str, bytes)) or not isinstance(parameters, Iterable):
            raise TrainerError(
                f"{source} must return a list of {len(names)} arrays or a dict of them as parameters, but "
                f"{type(parameters).__name__} came; return for example [v.cpu().numpy() for v in model.state_dict().values()]."
            )
        values = list(parameters)
        if len(values) != len(names):
            raise TrainerError(
                f"{source} must return {len(names)} arrays, one per tensor of the model in this order: {_some(names)}; "
                f"but {len(values)} came; return the whole model, not a part or a difference of it."
            )
        return dict(zip(names, values))


def to_array(value: Any) -> Array:
    """A numpy array of an array-like or a torch tensor (on any device, detached; bfloat16 as float32); torch itself is not imported."""
    if is_torch(value):
        value = value.detach().cpu()
        return np.asarray((value.float() if torch_dtype(value) == "bfloat16" else value).numpy())
    return np.asarray(value)


def is_torch(value: Any) -> bool:
    """Whether an object is a torch tensor."""
    return any(base.__module__.split(".")[0] == "torch" and base.__name__ == "Tensor" for base in type(value).__mro__)


def torch_dtype(value: Any) -> str | None:
    """A torch tensor's dtype without its prefix, such as ``bfloat16``; None for anything else."""
    return str(value.dtype).rpartition(".")[2] if is_torch(value) else None


def _check(spec: TensorSpec, value: Any, cast: bool, source: str) -> Array:
    try:
        array = to_array(value)
    except Exception as wrong:  # whatever numpy or torch says about a foreign object
        raise TrainerError(f"{source} must return arrays, but what came for {spec.name!r} is none: {wrong}.") from wrong
    if array.shape != spec.shape:
        raise TrainerError(
            f"{source} returned {spec.name!r} with shape {list(array.shape)}, but the model has {list(spec.shape)}; "
            "shapes are never broadcast or transposed."
        )
    wanted = safetensors.native_dtype(spec.dtype)
    if array.dtype.newbyteorder("<") != wanted:
        floats = array.dtype.kind == wanted.kind == "f"
        if not (cast and floats):
            hint = " or pass cast=True to run()" if floats else ""
            raise TrainerError(
                f"{source} returned {spec.name!r} as {array.dtype}, but the model has {wanted.name} ({spec.dtype}); "
                f"return .astype(np.{wanted.name}){hint}."
            )
        with np.errstate(over="ignore"):  # what became infinite is found below
            array = array.astype(wanted)
    array = np.ascontiguousarray(array, wanted).reshape(spec.shape)
    if wanted.kind in "fc":
        stored = safetensors.widen_bf16(safetensors.round_to_bf16(array)) if spec.dtype == "BF16" else array
        finite = np.isfinite(stored)
        if not finite.all():
            place = tuple(map(int, np.argwhere(~finite)[0]))
            raise TrainerError(
                f"{source} returned {spec.name!r} with {stored[place]} at {list(place)}, but every number must be finite; "
                "lower the learning rate, or look for rows with missing values."
            )
    return array


def _some(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:8])
    return shown if len(names) <= 8 else f"{shown}, ... ({len(names)} in all)"
