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

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from clarifai_core import yaml_text
from clarifai_core.documents import DocumentError
from clarifai_core.errors import FileError, UserError
from clarifai_core.files import PRIVATE, make_private_folder, replacing
from clarifai_core.safe_text import HIDDEN, may_be_key, named, plain

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


MAX_BYTES = 1024 * 1024
"""Of a contexts file."""


@attrs.frozen
class Contexts:
    """The content of a contexts file."""

    path: Path
    named: Mapping[str, Mapping[str, str]] = attrs.field(
        factory=dict, repr=lambda found: f"<{len(found)} contexts>"
    )
    current: str = ""

    @classmethod
    def read(cls, path: Path) -> Contexts:
        """Return what the file says; a missing file is an empty one.

        Raises:
            UserError: It cannot be read, or is not as described above; every fault is named by its
                line, without what stands there where that may be a key.
        """
        # No frame that an error goes through holds the content.
        found, reason, faults = _read(path)
        if reason:
            raise UserError(f"The contexts file {path} {reason}.")
        if faults:
            raise UserError.listing(f"The contexts file {path} has faults", faults)
        return found

    def get(self, name: str) -> Mapping[str, str]:
        """Return the context `name`.

        Raises:
            UserError: There is none of that name.
        """
        found = self.named.get(name)
        if found is None:
            known = ", ".join(map(_shown, sorted(self.named))) or "none"
            raise UserError(f"No context {named(name)} in {self.path}; it has: {known}.")
        return found

    def with_context(self, name: str, values: Mapping[str, str]) -> Contexts:
        """Return a copy in which `name` says `values` and is the current one."""
        if not name or not name.isprintable() or any(c.isspace() for c in name):
            raise UserError(f"A context's name must be a word, got {named(name)}.")
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
                file.write(yaml_text.dump(content).encode())
        except OSError as error:
            why = error.strerror or error
            text = f"The contexts file {self.path} cannot be written: {why}."
            raise FileError.of(text, error) from error


def _read(path: Path) -> tuple[Contexts, str, list[str]]:
    """Return what a file says; or why it says nothing, as the end of a sentence; or its faults."""
    empty = Contexts(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return empty, "", []
    except OSError as error:
        return empty, f"cannot be read: {plain(error.strerror or type(error).__name__)}", []
    if len(raw) > MAX_BYTES:
        return empty, f"is longer than {MAX_BYTES} bytes", []
    try:
        text = raw.decode("utf-8-sig")
        content = yaml_text.read_yaml(text)
    except UnicodeDecodeError as error:
        why = f"it is not UTF-8 at byte {error.start}; save it as UTF-8"
        return empty, f"cannot be read: {why}", []
    except DocumentError as error:
        return empty, f"is not YAML as it should be: {error}", []
    content = {} if content is None else content
    if not isinstance(content, dict) or not isinstance(content.get("contexts") or {}, dict):
        return empty, "must be a mapping with `contexts:`", []
    faults = _faults(content, text)
    if faults:
        return empty, "", faults
    tidy = {
        str(name): {key: str(value) for key, value in values.items() if value is not None}
        for name, values in (content.get("contexts") or {}).items()
    }
    current = content.get("current_context")
    return Contexts(path, tidy, "" if current is None else str(current)), "", []


def _faults(content: dict[str, Any], text: str) -> list[str]:
    """Return what is wrong, each with the line where it stands."""
    lines, faults = yaml_text.lines_of(text), list[str]()
    if isinstance(content.get("current_context"), (dict, list)):
        line = lines.get(("current_context",), 0)
        faults.append(f"current_context: must be the name of a context (line {line})")
    for name, values in (content.get("contexts") or {}).items():
        shown = f"contexts.{_shown(name)}"
        if not isinstance(values, dict):
            line = lines.get(("contexts", name), 0)
            faults.append(f"{shown}: must be a mapping (line {line})")
            continue
        for key, value in values.items():
            line = lines.get(("contexts", name, key), 0)
            if key not in FIELDS:
                place, known = f"{shown}.{_shown_field(key)}", ", ".join(FIELDS)
                faults.append(f"{place}: unknown (line {line}); a context may have {known}")
            elif isinstance(value, (dict, list)):
                faults.append(f"{shown}.{key}: must be text (line {line})")
    return faults


def _shown(name: object) -> str:
    return HIDDEN if may_be_key(str(name)) else plain(name)


def _shown_field(name: object) -> str:
    """Return the name of a field that there is not: only what cannot be a key."""
    return plain(name) if re.fullmatch("[a-z_-]{1,20}", str(name)) else HIDDEN
