"""What can go wrong; every message says what was expected, what came and what to do."""

from __future__ import annotations

from typing import Any


class FedValueError(Exception):
    """Anything that went wrong between a participant and its federation.

    Attributes hold what the server's problem details said, each ``None`` where it said nothing: ``status`` (HTTP), ``code`` (a short reason
    such as ``equivocation``), ``field``, ``expected``, ``came``, and ``receipt`` (a dict) where the refusal stands on the ledger.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        field: str | None = None,
        expected: str | None = None,
        came: str | None = None,
        receipt: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field
        self.expected = expected
        self.came = came
        self.receipt = receipt


class ConnectionLost(FedValueError):
    """The server could not be reached, or stopped answering, for as long as the client was told to be patient."""


class TrainerError(FedValueError):
    """What a trainer returned is not an update of the federation's model."""


class ProofError(FedValueError):
    """The ledger does not hold what a receipt, or an earlier look at it, says that it holds. Keep the receipt: it is the evidence."""


class SafetensorsError(FedValueError, ValueError):
    """A file breaks a rule of safetensors, named by ``code``: the names are those of the server's own parser."""
