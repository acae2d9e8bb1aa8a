"""What can train: an object with Flower's ``fit(parameters, config) -> (parameters, num_examples, metrics)``, or a function of that form."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Union

import numpy as np

from .errors import TrainerError
from .parameters import Manifest, Parameters
from .safetensors import Array

Config = dict[str, Any]


class Trainer(Protocol):
    """Flower's NumPyClient has this form; ``get_parameters(config)`` and ``evaluate(parameters, config)`` are optional.

    ``parameters`` comes as a list of arrays in the manifest's order, or as a dict by name where the trainer has ``named = True`` or its
    ``get_parameters`` returns a mapping. ``fit`` may return either form, of numpy arrays or torch tensors.
    """

    def fit(self, parameters: Any, config: Config) -> tuple[Any, int, dict[str, Any]]:
        """Trains on the local data: the whole local model, how many examples it trained on, and a dict of metrics."""
        ...


FitFunction = Callable[[Any, Config], tuple[Any, int, dict[str, Any]]]
AnyTrainer = Union[Trainer, FitFunction]


@dataclass(frozen=True)
class Fit:
    """What a trainer returned, checked: arrays by name, examples, the loss it claims (``metrics["loss"]`` or ``["train_loss"]``), metrics."""

    arrays: dict[str, Array]
    examples: int
    loss: float | None
    metrics: dict[str, Any]


@dataclass(frozen=True)
class Evaluation:
    """What a trainer's ``evaluate`` returned: it stays here and is never sent."""

    loss: float
    examples: int
    metrics: dict[str, Any]


class TrainerAdapter:
    """Calls a trainer and checks what it returns against the federation's manifest.

    ``named``: give parameters by name; None: as the trainer says. ``cast``: see :meth:`Manifest.arrays`.
    Raises TrainerError at once where the object has no ``fit``, or its ``get_parameters`` is not of this model.
    """

    def __init__(self, trainer: AnyTrainer, manifest: Manifest, *, named: bool | None = None, cast: bool = False) -> None:
        fit = None if inspect.isclass(trainer) else getattr(trainer, "fit", trainer)
        if not callable(fit):
            hint = " an instance of it" if inspect.isclass(trainer) else " one"
            raise TrainerError(
                "A trainer is an object with fit(parameters, config) or a function of that form, but "
                f"{getattr(trainer, '__name__', type(trainer).__name__)} came; pass{hint}."
            )
        self._trainer, self._fit, self._manifest, self._cast = trainer, fit, manifest, cast
        if named is None:
            named = getattr(trainer, "named", None)
        if named is None:
            named = self._names_itself()
        self._named = bool(named)

    @property
    def evaluates(self) -> bool:
        """Whether the trainer has ``evaluate``."""
        return callable(getattr(self._trainer, "evaluate", None))

    def fit(self, model: dict[str, Array], config: Config, declared: int | None = None) -> Fit:
        """Trains on a copy of the round's model.

        ``declared``: the most examples that may be claimed. Raises TrainerError; what the trainer itself raises goes through.
        """
        result = self._fit(self._given(model), config)
        if not isinstance(result, tuple) or len(result) != 3:
            came = f"a tuple of {len(result)}" if isinstance(result, tuple) else type(result).__name__
            raise TrainerError(f"fit must return the tuple (parameters, num_examples, metrics), but {came} came.")
        parameters, examples, metrics = result
        metrics = _metrics(metrics, "fit")
        return Fit(
            self._manifest.arrays(parameters, cast=self._cast), _examples(examples, declared), _claimed_loss(metrics), metrics
        )

    def evaluate(self, model: dict[str, Array], config: Config) -> Evaluation | None:
        """What the trainer says about a model; None where it does not implement ``evaluate``. Raises TrainerError."""
        evaluate = getattr(self._trainer, "evaluate", None)
        if not callable(evaluate):
            return None
        try:
            result = evaluate(self._given(model), config)
        except NotImplementedError:
            return None
        if not isinstance(result, tuple) or len(result) != 3 or not _is_number(result[0]) or not _is_integer(result[1]):
            raise TrainerError("evaluate must return the tuple (loss, num_examples, metrics): a number, an integer and a dict.")
        return Evaluation(float(result[0]), int(result[1]), _metrics(result[2], "evaluate"))

    def _names_itself(self) -> bool:
        get = getattr(self._trainer, "get_parameters", None)
        if not callable(get):
            return False
        try:
            parameters = get({}) if inspect.signature(get).parameters else get()
        except NotImplementedError:
            return False
        # A model of another form is better found before hours of training than after.
        self._manifest.arrays(parameters, cast=self._cast, source="get_parameters")
        return isinstance(parameters, Mapping)

    def _given(self, model: dict[str, Array]) -> Parameters:
        copies = {name: array.copy() for name, array in model.items()}
        return copies if self._named else list(copies.values())


def _examples(value: Any, declared: int | None) -> int:
    if not _is_integer(value) or int(value) < 1:
        raise TrainerError(
            f"fit must return num_examples as an integer of 1 or more, but {value!r} came; "
            "it is the number of training examples, such as len(loader.dataset), not of batches."
        )
    if declared is not None and int(value) > declared:
        raise TrainerError(
            f"fit returned num_examples = {int(value)}, but this participant declared {declared} when it enrolled; "
            "it counts distinct examples, not those of several epochs together."
        )
    return int(value)


def _metrics(value: Any, source: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise TrainerError(f"{source} must return metrics as a dict with strings as keys, but {value!r:.80} came; return {{}} for none.")
    return dict(value)


def _claimed_loss(metrics: dict[str, Any]) -> float | None:
    for name in ("loss", "train_loss"):
        value = metrics.get(name)
        if value is None:
            continue
        if hasattr(value, "item"):
            value = value.item()
        if not _is_number(value) or not math.isfinite(value) or value < 0:
            raise TrainerError(
                f"metrics[{name!r}] becomes the loss that the participant claims, a finite number of 0 or more, but {value!r} came; "
                "leave it out or give it another name."
            )
        return float(value) + 0.0  # never -0
    return None


def _is_integer(value: Any) -> bool:
    return isinstance(value, (numbers.Integral, np.integer)) and not isinstance(value, (bool, np.bool_))


def _is_number(value: Any) -> bool:
    return isinstance(value, (numbers.Real, np.floating)) and not isinstance(value, (bool, np.bool_))
