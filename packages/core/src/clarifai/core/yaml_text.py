"""YAML that reads back as what was written."""

from __future__ import annotations

from typing import Any

import yaml

_LINE_ENDS = "\x85\u2028\u2029"
"""YAML 1.1 takes these for ends of lines, and makes spaces of them; within quotes they are kept."""


def dump(content: Any) -> str:
    """Return mappings, lists and scalars as YAML, in the order that they have.

    Example:
        >>> print(dump({"name": "cat", "size": 3}), end="")
        name: cat
        size: 3
    """
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return text


class _Dumper(yaml.SafeDumper):
    """Quotes what would not come back otherwise."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = '"' if any(end in text for end in _LINE_ENDS) else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _Dumper.represent_text)
