"""Imports the modules named on the command line and prints, as JSON, which of them failed and how.

It runs in the bare environment of one wheel (see wheels.py): it uses the standard library alone.
"""

from __future__ import annotations

import importlib
import json
import sys


def failures(modules: list[str]) -> dict[str, dict[str, str]]:
    """Import each module; return module -> {"types": the exception's classes, "text": its text}."""
    failed = {}
    for module in modules:
        try:
            importlib.import_module(module)
        except BaseException as error:  # noqa: BLE001 - whatever a module raises is the finding
            types = " ".join(kind.__name__ for kind in type(error).__mro__)
            failed[module] = {"types": types, "text": f"{type(error).__name__}: {error}"}
    return failed


if __name__ == "__main__":
    sys.stdout.write(json.dumps(failures(sys.argv[1:])))
