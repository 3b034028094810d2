"""Writing a plugin to begin with: a distribution that passes the contract of its kind."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from importlib import metadata
from importlib.resources import files
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import named

if TYPE_CHECKING:
    from pathlib import Path

RESERVED = "clarifai"
"""Names of distributions that are this, or begin so, are this SDK's."""

_CORE = "clarifai-core>=0.2,<0.3"
_GRPC = "clarifai-grpc>=12.1.1"
_LOCAL = "clarifai-local>=0.2,<0.3"


@attrs.frozen
class Kind:
    """What is written for one kind of plugin."""

    description: str
    modules: Mapping[str, str]
    """The modules besides `plugin`, with what each is for."""
    needs: tuple[str, ...] = ()
    """What the distribution requires besides core."""


KINDS: Mapping[str, Kind] = {
    "clause": Kind(
        "A search key for the Clarifai SDK.",
        {"clause": "is the key's schema, and writes the protobuf"},
        ("attrs>=23.2", "clarifai-search>=0.2,<0.3"),
    ),
    "command": Kind(
        "A command for the clarifai program.",
        {"command": "is the command"},
        ("clarifai-cli>=0.2,<0.3", "clarifai-resources>=0.2,<0.3", "click>=8.1"),
    ),
    "credentials": Kind("Keys from a vault for the Clarifai SDK.", {"vault": "looks a key up"}),
    "endpoint": Kind(
        "A URL scheme for the Clarifai SDK.", {"endpoint": "opens connections"}, ("grpcio>=1.60",)
    ),
    "engine": Kind(
        "A model type for the embedded Clarifai platform.",
        {"engine": "trains models, and loads them"},
        (_GRPC, _LOCAL),
    ),
    "exporter": Kind(
        "An export format for the Clarifai SDK.",
        {"exporter": "writes the format"},
        ("clarifai-datasets>=0.2,<0.3", _GRPC),
    ),
    "loader": Kind(
        "A dataset loader for the Clarifai SDK.",
        {"loader": "reads the format"},
        ("clarifai-datasets>=0.2,<0.3",),
    ),
    "mixin": Kind(
        "Names on handles of the Clarifai SDK.",
        {"mixin": "has what handles get"},
        ("clarifai-resources>=0.2,<0.3",),
    ),
    "policy": Kind(
        "Code around every call of the Clarifai SDK.", {"policy": "is what calls go through"}
    ),
    "poller": Kind(
        "A way for runners of the Clarifai SDK to get work.",
        {"poller": "gets items and returns their outputs"},
        ("clarifai-runner>=0.2,<0.3",),
    ),
    "resource": Kind(
        "Handles for a kind of resource of the Clarifai platform.",
        {
            "handle": "is the handle, and the description of its kind",
            "service": "answers their RPCs on the embedded platform, for tests",
        },
        (_GRPC, _LOCAL),
    ),
    "service": Kind(
        "RPCs for the embedded Clarifai platform.",
        {"service": "answers RPCs"},
        (_GRPC, _LOCAL),
    ),
    "view": Kind(
        "Pages of your own for handles and listings of the Clarifai SDK, in notebooks.",
        {"view": "makes the pages"},
    ),
}
"""Word that the command takes -> what it writes; one for each hook."""

_SHARED = {("resource", "service"): "service/service"}
"""Modules that two kinds have, and where they stand."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)


def write(kind: str, name: str, folder: Path) -> Path:
    """Write a distribution into a folder of its own, and return that folder.

    Args:
        kind: A key of `KINDS`.
        name: Of the distribution.
        folder: In which its folder is made.

    Raises:
        UserError: The name cannot be one, is this SDK's, or is taken; or the folder is there.
    """
    dist = checked_name(name)
    target = folder / dist
    if target.exists():
        raise UserError(
            f"{str(target)!r} is there already, and nothing was written: give another name, or "
            "another folder by --path."
        )
    for path, text in sorted(_texts(kind, dist).items()):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8")
    return target


def checked_name(name: str) -> str:
    """Return the name of a distribution in its normal form (PEP 503).

    Raises:
        UserError: It cannot be one, or would take the place of another's.

    Example:
        >>> checked_name("Acme.Notes")
        'acme-notes'
    """
    if not _NAME.fullmatch(name):
        raise UserError(
            f"{named(name)} cannot be the name of a distribution: letters, digits, '-', '_' and "
            "'.', with a letter or digit at both ends (PEP 508), such as 'acme-notes'."
        )
    normal = re.sub(r"[-_.]+", "-", name).lower()
    if normal == RESERVED or normal.startswith(f"{RESERVED}-"):
        rest = normal.removeprefix(RESERVED).strip("-") or "plugin"
        raise UserError(
            f"{name!r} is a name of this SDK's own distributions, which begin with "
            f"'{RESERVED}-': begin with yours, such as 'acme-{rest}'."
        )
    package = package_of(normal)
    if not package.isidentifier() or keyword.iskeyword(package):
        raise UserError(
            f"{name!r} gives the package {package!r}, which Python cannot import: begin with a "
            "letter, and take no word of the language."
        )
    if package in sys.stdlib_module_names:
        raise UserError(
            f"{name!r} would hide Python's own module {package!r}: take another name, such as "
            f"'acme-{normal}'."
        )
    if _is_installed(normal):
        raise UserError(
            f"{name!r} is the name of a distribution that is installed here: take another name, "
            f"such as 'acme-{normal}'."
        )
    return normal


def package_of(dist: str) -> str:
    """Return the import package of a distribution.

    Example:
        >>> package_of("acme-notes")
        'acme_notes'
    """
    return dist.replace("-", "_")


def _is_installed(dist: str) -> bool:
    try:
        metadata.distribution(dist)
    except metadata.PackageNotFoundError:
        return False
    return True


def _texts(kind: str, dist: str) -> dict[str, str]:
    """Return the files of a distribution, by their paths."""
    about, package = KINDS[kind], package_of(dist)
    values = {
        "dist": dist,
        "package": package,
        "upper": package.upper(),
        "class": "".join(part.capitalize() for part in dist.split("-")),
        "description": about.description,
        "dependencies": "\n".join(f'    "{need}",' for need in sorted((_CORE, *about.needs))),
        "files": "\n".join(
            f"- `src/{package}/{module}.py` {purpose}." for module, purpose in about.modules.items()
        ),
    }
    source = f"src/{package}"
    templates = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        f"{source}/__init__.py": "init.py",
        f"{source}/plugin.py": f"{kind}/plugin.py",
        f"tests/test_{package}.py": f"{kind}/test.py",
    }
    for module in about.modules:
        place = _SHARED.get((kind, module), f"{kind}/{module}")
        templates[f"{source}/{module}.py"] = f"{place}.py"
    found = {path: _filled(template, values) for path, template in templates.items()}
    return {**found, f"{source}/py.typed": ""}


def _filled(template: str, values: Mapping[str, str]) -> str:
    place = files("clarifai_testing") / "templates" / f"{template}.txt"
    text = place.read_text("utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], text)
