"""SECURITY.md is a table: each promise names tests, and each of them is there."""

from __future__ import annotations

import re

import pytest

from tools.wheels import ROOT

TEXT = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| threat")
]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


@pytest.mark.parametrize(("path", "name"), NAMED, ids="::".join)
def test_a_named_test_is_there(path, name):
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_every_promise_is_a_threat_what_holds_and_tests():
    assert len(ROWS) > 30
    for threat, holds, tests in ROWS:
        assert threat
        assert holds
        assert not re.sub(r"`tests/[\w/]+\.py::\w+`", "", tests).strip(", ")
        assert "::" in tests
