"""The public names and signatures are those that were agreed: `tests/sdk/surface.txt`."""

from __future__ import annotations

import difflib

from tools.surface import surface
from tools.wheels import ROOT

AGREED = ROOT / "tests" / "sdk" / "surface.txt"


def test_the_surface_is_as_agreed():
    agreed = AGREED.read_text("utf-8").splitlines()
    changes = difflib.unified_diff(agreed, list(surface()), "agreed", "now", lineterm="", n=0)
    assert "\n".join(changes) == "", "intended? uv run python tools/surface.py > " + str(AGREED)


def test_a_changed_default_is_seen():
    line = next(line for line in surface() if "create_workflow(" in line)
    assert "display" in line
    assert line != line.replace("True", "False")
