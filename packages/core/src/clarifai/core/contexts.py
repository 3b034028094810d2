"""Named contexts on disk: which platform, which user, which key.

    current_context: work
    contexts:
      work:
        base_url: https://api.clarifai.com
        user_id: me
        pat: ...

The file holds keys, so it is written with mode 0600, in a folder of mode 0700, and all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml

from clarifai.core.errors import UserError
from clarifai.core.files import PRIVATE, make_private_folder, replacing
from clarifai.core.yaml_text import dump

FIELDS = (
    "base_url",
    "user_id",
    "app_id",
    "pat",
    "token",
    "root_certificates_path",
    "timeout_seconds",
)
"""What a context may say."""


@attrs.frozen
class Contexts:
    """The content of a contexts file."""

    path: Path
    named: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    current: str = ""

    @classmethod
    def read(cls, path: Path) -> Contexts:
        """Return what the file says; a missing file is an empty one.

        Raises:
            UserError: It cannot be read, or is not as described above; every fault is named.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls(path)
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"The contexts file {path} cannot be read: {error}.") from error
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise UserError(f"The contexts file {path} is not YAML: {error}.") from error
        return cls(path, *_checked(content or {}, path))

    def get(self, name: str) -> Mapping[str, str]:
        """Return the context `name`.

        Raises:
            UserError: There is none of that name.
        """
        try:
            return self.named[name]
        except KeyError:
            known = ", ".join(sorted(self.named)) or "none"
            raise UserError(f"No context {name!r} in {self.path}; it has: {known}.") from None

    def with_context(self, name: str, values: Mapping[str, str]) -> Contexts:
        """Return a copy in which `name` says `values` and is the current one."""
        if not name or any(c.isspace() for c in name):
            raise UserError(f"A context's name must be a word, got {name!r}.")
        return attrs.evolve(self, named={**self.named, name: dict(values)}, current=name)

    def write(self) -> None:
        """Write the file, readable by its owner only, and never half of it.

        Raises:
            UserError: It cannot be written.
        """
        content = {
            "current_context": self.current,
            "contexts": {name: dict(values) for name, values in self.named.items()},
        }
        try:
            make_private_folder(self.path.parent)
            with replacing(self.path, mode=PRIVATE) as file:
                file.write(dump(content).encode())
        except OSError as error:
            why = error.strerror or error
            raise UserError(f"The contexts file {self.path} cannot be written: {why}.") from error


def _checked(content: Any, path: Path) -> tuple[dict[str, dict[str, str]], str]:
    named = content.get("contexts", {}) if isinstance(content, dict) else None
    if not isinstance(named, dict):
        raise UserError(f"The contexts file {path} must be a mapping with `contexts:`.")
    faults = [
        f"contexts.{name}: must be a mapping"
        for name, v in named.items()
        if not isinstance(v, dict)
    ] + [
        f"contexts.{name}.{key}: unknown; a context may have {', '.join(FIELDS)}"
        for name, values in named.items()
        if isinstance(values, dict)
        for key in values
        if key not in FIELDS
    ]
    if faults:
        raise UserError.listing(f"The contexts file {path} has faults", faults)
    tidy = {str(n): {k: str(v) for k, v in vs.items() if v is not None} for n, vs in named.items()}
    return tidy, str(content.get("current_context") or "")
