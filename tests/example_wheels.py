"""Examples as their users have them: a wheel that is installed beside a few of ours."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tools.wheels import ROOT

EXAMPLES = ROOT / "examples"

_ALONE = """
import sys
sys.path[:0] = [{site!r}]
sys.path += {third_party!r}
class Alone:
    def find_spec(self, name, path=None, target=None):
        if name == "clarifai" or (name.startswith("clarifai_") and "." not in name):
            if name not in {rooms!r}:
                raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Alone())
"""


def unpacked(example: str, rooms: Iterable[str], dist: Path, site: Path) -> Path:
    """Build the wheels of an example and of rooms, and unpack them side by side into `site`."""
    folders = [EXAMPLES / example, *(ROOT / "packages" / room for room in rooms)]
    for folder in folders:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    wheels = list(dist.glob("*.whl"))
    assert len(wheels) == len(folders)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    return site


def run_alone(site: Path, rooms: Iterable[str], code: str, *arguments: str) -> str:
    """Run a program with unpacked wheels and the libraries they need, but no other room."""
    third_party = [path for path in sys.path if path.endswith("site-packages")]
    names = ("clarifai_grpc", *(f"clarifai_{room}" for room in rooms))
    start = _ALONE.format(site=str(site), third_party=third_party, rooms=names)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{start}{code}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=site,
        env=clean_environment(),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def clean_environment() -> dict[str, str]:
    """Return the environment without what is ours."""
    return {k: v for k, v in os.environ.items() if not k.startswith("CLARIFAI_")}
