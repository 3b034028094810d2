"""Stand-ins for third-party plugins, so that the command line starts with several."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GROUP = "clarifai.plugins"

_MODULE = """from clarifai_core.contracts import CommandSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_commands():
    return [CommandSpec("{name}", "{name}:command", "Do what {name} does.")]
"""


def install(folder: Path, total: int) -> int:
    """Write plugins into `folder`, for PYTHONPATH, until `total` are installed.

    Returns:
        How many are then installed, ours included.
    """
    ours = len(entry_points(group=GROUP))
    for number in range(ours, total):
        _write(folder, f"bench_plugin_{number}")
    return max(ours, total)


def _write(folder: Path, name: str) -> None:
    (folder / f"{name}.py").write_text(_MODULE.format(name=name), "utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}\n", "utf-8")
