"""What a plugin loads when it is announced, seen in a process of its own."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys

from clarifai_testing._checks import wrong

HEAVY = (
    "PIL",
    "clarifai_grpc",
    "google.protobuf",
    "grpc",
    "httpx",
    "numpy",
    "pandas",
    "requests",
    "sklearn",
    "tensorflow",
    "torch",
    "yaml",
)
"""Modules that take long to import."""

_PROGRAM = """
import json, sys
from importlib.metadata import EntryPoint
from clarifai_core.hookspecs import HookSpecs
from clarifai_core.plugins import Plugins, PluginSwitches
heavy, name = json.loads(sys.argv[1]), sys.argv[2]
plugins = Plugins(PluginSwitches(), [EntryPoint("trial", name, "clarifai.plugins")])
plugins.load()
kinds = [hook.partition("_register_")[2] for hook in vars(HookSpecs)]
targets = {
    spec.target.partition(":")[0] for kind in filter(None, kinds) for spec in plugins.specs(kind)
} - {name.partition(":")[0]}
print(json.dumps([one for one in [*heavy, *sorted(targets)] if one in sys.modules]))
"""


def loaded_by(plugin: str) -> list[str]:
    """Return the modules that announcing a plugin loads and should not: heavy ones, its targets.

    Args:
        plugin: What its entry point names.
    """
    return _loaded_by(plugin, tuple(sys.path))


@functools.lru_cache(64)
def _loaded_by(plugin: str, path: tuple[str, ...]) -> list[str]:
    done = subprocess.run(  # noqa: S603  why: this interpreter, and the program above
        [sys.executable, "-c", _PROGRAM, json.dumps(HEAVY), plugin],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        wrong(f"A process that announces {plugin!r} fails: {last}.")
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found
