"""Each check of a contract is what a broken plugin fails, and only that; good ones pass."""

from __future__ import annotations

import pytest

from tests.testing.cases import case_names, hold_to_it

KINDS = (
    *("clauses", "commands", "credentials", "exporters", "loaders", "mixins", "policies"),
    "views",
)


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in KINDS for name in case_names(kind)]
)
def test_it_makes_one_check_fail(kind: str, name: str):
    hold_to_it(kind, name)
