"""As test_contracts.py: those whose checks open platforms; a file of their own runs beside."""

from __future__ import annotations

import pytest

from tests.testing.cases import case_names, hold_to_it

KINDS = ("endpoints", "engines", "pollers", "predictors", "resources", "services")


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in KINDS for name in case_names(kind)]
)
def test_it_makes_one_check_fail(kind: str, name: str):
    hold_to_it(kind, name)
