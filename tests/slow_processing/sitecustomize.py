"""A platform that lets inputs wait: `TESTS_SLOW_PROCESSING=3 pytest` finds tests that do not.

On a machine with much to do, an upload is processed some time after it was answered. A test that
asks at once for what processing leads to passes by luck then. Python runs this module in each
process whose `PYTHONPATH` names its folder: programs that tests start are slow, too. It imports
next to nothing: some tests look at what a program has imported.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

SECONDS = float(os.environ.get("TESTS_SLOW_PROCESSING") or 0)
"""How long each batch of inputs waits before it is taken up."""

_MODULE = "clarifai_local._processing"


class SlowProcessing:
    """Changes the module that processes inputs once that is imported."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        others = [one for one in sys.meta_path if one is not self]
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next(filter(None, found), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _SlowLoader(spec.loader)  # type: ignore[assignment]
        return spec


class _SlowLoader:
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        processor: Any = module.InputProcessor
        step = processor._step

        def slow_step(self: Any) -> Any:
            with self._store.read() as db:
                waiting = self._store.inputs.pending(db, 1)
            if waiting and self._closing.wait(SECONDS):
                return False
            return step(self)

        processor._step = slow_step


sys.meta_path.insert(0, SlowProcessing())
