"""Fresh environments: wheels installed into one beside what they require, and nothing else.

No index is asked: third-party distributions are linked from the environment that the tests run in.
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import venv
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

import attrs
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.example_wheels import clean_environment


@attrs.frozen
class Fresh:
    """A fresh environment."""

    folder: Path

    @property
    def python(self) -> str:
        """The path of its interpreter."""
        return str(self.folder / "bin" / "python")

    def command(self, code: str, *arguments: str) -> list[str]:
        """Return the command that runs a program in it."""
        return [self.python, "-c", code, *arguments]

    def run(self, code: str, *arguments: str, **variables: str) -> str:
        """Run a program in it and return what it prints; what it fails with is in the error."""
        done = subprocess.run(
            self.command(code, *arguments),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=self.variables(**variables),
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def variables(self, **more: str) -> dict[str, str]:
        """Return the environment variables of a user without any of ours."""
        none = self.folder / "none.yaml"
        return {**clean_environment(), "CLARIFAI_CONTEXTS_FILE": str(none), **more}


def install(folder: Path, wheels: Iterable[Path]) -> Fresh:
    """Make an environment and install wheels into it, with what they require.

    Raises:
        PackageNotFoundError: They require what the environment of the tests does not have either.
    """
    venv.EnvBuilder(symlinks=True).create(folder)
    (site,) = folder.glob("lib/python*/site-packages")
    wheels = list(wheels)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    ours: set[str] = {canonicalize_name(wheel.name.partition("-")[0]) for wheel in wheels}
    _link(list(_required(wheels, ours)), site)
    return Fresh(folder)


def _required(wheels: Iterable[Path], ours: set[str]) -> Iterator[importlib.metadata.Distribution]:
    """Yield the third-party distributions that wheels require, and those require, and so on."""
    waiting = [need for wheel in wheels for need in _needs(_metadata(wheel), set())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        need = waiting.pop()
        key = canonicalize_name(need.name), frozenset(need.extras)
        if key in seen or key[0] in ours:
            continue
        if key[0] not in {name for name, _ in seen}:
            yield importlib.metadata.distribution(need.name)
        seen.add(key)
        found = importlib.metadata.distribution(need.name)
        waiting += _needs(found.requires or [], need.extras)


def _needs(texts: Iterable[str], extras: set[str]) -> Iterator[Requirement]:
    for need in map(Requirement, texts):
        wanted = [{"extra": extra} for extra in ("", *extras)]
        if need.marker is None or any(need.marker.evaluate(one) for one in wanted):
            yield need


def _metadata(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode()).get_all("Requires-Dist") or []


def _link(found: list[importlib.metadata.Distribution], site: Path) -> None:
    """Link packages as a whole, but for folders that several distributions share."""
    tops = {id(one): {path.parts[0] for path in _files(one)} for one in found}
    owners = Counter(top for names in tops.values() for top in names)
    for one in found:
        for path in _files(one):
            shared = owners[path.parts[0]] > 1 and len(path.parts) > 1
            place = PurePosixPath(*path.parts[: 2 if shared else 1])
            target = site / place
            if not target.is_symlink():
                target.parent.mkdir(exist_ok=True)
                target.symlink_to(str(one.locate_file(str(place))))


def _files(one: importlib.metadata.Distribution) -> Iterator[PurePosixPath]:
    for path in one.files or ():
        if path.parts[0] not in ("..", "__pycache__") and not path.is_absolute():
            yield path
