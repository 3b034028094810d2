"""A shell of its own for every test: no variables, no contexts, an empty working directory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import attrs
import pytest

from clarifai_core.transport.session import close_sessions
from tests.cli import world

PAT = "k3y0f7h3t3st5"
"""What may never be printed."""

VARIABLES = ("CLARIFAI_", "XDG_CONFIG_HOME", "NO_COLOR", "http_proxy", "HTTP_PROXY", "https_proxy")


@attrs.frozen
class Shell:
    """Runs the program as a user does: in a process of its own."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        code = "import sys; from clarifai_cli.main import main; sys.exit(main())"
        command = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def contexts(self) -> Path:
        return Path(self.environment["CLARIFAI_CONTEXTS_FILE"])


@attrs.frozen
class Here(Shell):
    """Runs the program in this process: for tests of what it says, not of how it starts and ends.

    What a process keeps, its sessions, ends with each command line. `--debug` has a process of its
    own still, as it sets up logging for good.
    """

    def run(self, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        if "--debug" in arguments:
            return Shell.run(self, *arguments, stdin=stdin)
        words = [str(one) for one in arguments]
        try:
            with mock.patch.dict(os.environ, self.environment, clear=True):
                done = world.run(words, stdin)
        finally:
            close_sessions()
        return subprocess.CompletedProcess(words, done.code, done.out, done.err)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a fresh user has, for commands that run in this process."""
    for name in list(os.environ):
        if name.startswith(VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "config" / "contexts.yaml"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shell(environment: None, tmp_path: Path) -> Callable[..., Shell]:
    """Make a shell with further variables."""

    def make(**variables: str) -> Shell:
        return Shell(tmp_path, {**os.environ, **variables})

    return make


@pytest.fixture
def shell_here(environment: None, tmp_path: Path) -> Callable[..., Shell]:
    """Make a shell with further variables, whose command lines run in this process."""

    def make(**variables: str) -> Shell:
        return Here(tmp_path, {**os.environ, **variables})

    return make


@pytest.fixture
def add_plugin(tmp_path: Path) -> Callable[[str, str], str]:
    """Write a distribution with a plugin, and return the value for PYTHONPATH."""

    def add(name: str, code: str) -> str:
        folder = tmp_path / "site"
        info = folder / f"{name}_plugin-1.2.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.2\n"
        )
        (info / "entry_points.txt").write_text(f"[clarifai.plugins]\n{name} = {name}_plugin\n")
        (folder / f"{name}_plugin.py").write_text(code)
        return str(folder)

    return add
