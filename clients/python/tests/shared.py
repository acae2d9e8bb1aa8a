"""Public test vectors that are not part of the repository: the folder that FEDVALUE_SHARED_VECTORS names."""

import json
import os
import unittest
from pathlib import Path
from types import ModuleType
from typing import Any

VARIABLE = "FEDVALUE_SHARED_VECTORS"
WHY = f"not part of the repository: set {VARIABLE} to a folder that holds it"


def has(file: str) -> bool:
    folder = os.environ.get(VARIABLE)
    return bool(folder) and (Path(str(folder)) / file).exists()


def read(file: str) -> Any:
    return json.loads((Path(os.environ[VARIABLE]) / file).read_bytes())


def torch_or_skip(test: unittest.TestCase) -> ModuleType:
    try:
        import torch
    except ImportError:
        test.skipTest("needs PyTorch")
    return torch  # type: ignore[no-any-return]
