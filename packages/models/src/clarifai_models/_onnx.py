"""What runs ONNX graphs: one copy a process, loaded when first asked for, on few threads."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from clarifai_core.files import make_private_folder, replacing
from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason
from clarifai_core.settings import state_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import onnxruntime

THREADS = min(4, os.cpu_count() or 1)
"""Threads that one graph runs on."""

_CONVERTED = "3"
"""Count this up when `graphs` makes other graphs of the same weights."""

_SERIOUS = 3
"""From errors on, as onnxruntime numbers it: a kernel that is missing is no news to a user."""

_log = logger_for(__name__)

Made = TypeVar("Made")
Floats = npt.NDArray[np.float32]


_LEFT_BEHIND: list[object] = []
"""What a parent had made, in a forked child: to end it would mean to wait for the parent's threads,
for ever."""


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return a function that makes a thing when first called, once a process, whoever asks.

    A fork makes its own: threads of a runtime do not follow into it.
    """
    lock = threading.Lock()
    made: list[Made] = []

    @functools.wraps(make)
    def get() -> Made:
        if not made:
            with lock:
                if not made:
                    made.append(make())
        return made[0]

    def forget() -> None:
        nonlocal lock, made
        _LEFT_BEHIND.append(made)
        lock, made = threading.Lock(), []

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)
    return get


class Graph:
    """A graph, ready to run.

    Args:
        model: The ONNX file, or its content.
    """

    def __init__(self, model: Path | bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        options.log_severity_level = _SERIOUS
        # Waiting threads must not burn a core, nor an arena keep what one large picture took.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        given = model if isinstance(model, bytes) else str(model)
        self._session: onnxruntime.InferenceSession = onnxruntime.InferenceSession(
            given, options, providers=["CPUExecutionProvider"]
        )
        give_back()

    def __call__(self, output: str | Sequence[str], **inputs: npt.NDArray[Any]) -> Any:
        """Return one output, or several.

        Args:
            output: Name, or names.
            inputs: By name.
        """
        if isinstance(output, str):
            return self._session.run([output], inputs)[0]
        return self._session.run(list(output), inputs)


def give_back() -> None:
    """Give memory back that is needed no more, where the C library would keep it: glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def converted(name: str, sha256: str, make: Callable[[], bytes]) -> bytes:
    """Return what weights were converted to, from the cache, or make and keep it.

    The cache is the folder `models` of the state directory. A file there counts with its own hash
    behind it: one that was cut off or changed is made anew. One that cannot be written is no fault.

    Args:
        name: Of the file.
        sha256: Of the weights.
        make: Converts them.
    """
    path = state_directory() / "models" / f"{name}-{_CONVERTED}-{sha256[:16]}"
    kept = _kept(path)
    if kept is not None:
        return kept
    content = make()
    try:
        make_private_folder(path.parent)
        with replacing(path) as file:
            file.write(content + hashlib.sha256(content).digest())
    except OSError as error:
        _log.info("%s is not kept for the next time: %s", name, reason(error))
    return content


def _kept(path: Path) -> bytes | None:
    try:
        found = path.read_bytes()
    except OSError:  # why: not there, or not ours to read: it is made anew
        return None
    content, digest = found[:-32], found[-32:]
    return content if hashlib.sha256(content).digest() == digest else None
