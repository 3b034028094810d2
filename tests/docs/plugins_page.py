"""The distribution that docs/plugins.md prints: its files as printed, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

from tools.snippets import ROOT

TEXT = (ROOT / "docs" / "plugins.md").read_text("utf-8")
_FILE = re.compile(
    r"^ *(?:In )?`(?P<name>acme/\w+\.py|pyproject\.toml|embedded\.py)`:\n\n"
    r"(?:<!-- [^\n]* -->\n)*(?P<code> *```\w+\n.*?\n) *```$",
    re.DOTALL | re.MULTILINE,
)


def printed_files() -> dict[str, str]:
    """Return the files by their names; the parts of one that is printed in parts, one by one."""
    files: dict[str, list[str]] = {}
    for found in _FILE.finditer(TEXT):
        code = textwrap.dedent(found["code"]).partition("\n")[2]
        files.setdefault(found["name"], []).append(code)
    return {name: "\n\n".join(parts) for name, parts in files.items()}


def write_distribution(folder: Path) -> Path:
    """Write the distribution as a reader of the page would, and return its folder."""
    (folder / "acme").mkdir(parents=True)
    (folder / "acme" / "__init__.py").touch()
    for name, code in printed_files().items():
        (folder / name).write_text(code, "utf-8")
    return folder


def build_distribution(folder: Path) -> Path:
    """Build its wheel."""
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(folder / "dist"),
    ]
    subprocess.run(command, cwd=write_distribution(folder / "source"), check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel
