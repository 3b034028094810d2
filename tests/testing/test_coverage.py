"""Every check of every contract is one that a broken plugin fails: none of them cannot fail."""

from __future__ import annotations

from importlib import import_module

import pytest

import clarifai_testing
from clarifai_core.hookspecs import HookSpecs
from tests.testing.cases import BROKEN, case_names

FILES = sorted(path.stem for path in BROKEN.glob("*.py") if path.stem != "heavy_plugin")
MODULES = {name: import_module(f"tests.testing.broken.{name}") for name in FILES}
CONTRACTS = [getattr(clarifai_testing, name) for name in clarifai_testing.__all__]
CONTRACTS = [one for one in CONTRACTS if one.__name__.endswith("Contract")]


def checks_of(contract: type) -> set[str]:
    return {name for name in dir(contract) if name.startswith("test_")}


def failed_by(name: str) -> list[str]:
    found = [getattr(MODULES[name], case).fails for case in case_names(name)]
    return [check for check in found if check]


SHARED = set.intersection(*map(checks_of, CONTRACTS))
OF_SPECS = {"test_has_one_line_of_help", "test_registers_the_name", "test_target_can_be_imported"}


@pytest.mark.parametrize("name", FILES)
def test_each_check_of_a_contract_has_a_plugin_that_fails_it(name: str):
    own = checks_of(MODULES[name].Contract) - SHARED - OF_SPECS
    of_predictors = checks_of(clarifai_testing.PredictorContract) if name == "engines" else set()
    assert own - {*failed_by(name)} - of_predictors == set()
    assert len(failed_by(name)) >= 8


def test_what_contracts_share_has_plugins_that_fail_it():
    assert {*failed_by("loaders")} >= SHARED | OF_SPECS


def test_every_hook_has_a_contract():
    hooks = {name for name in vars(HookSpecs) if name.startswith("clarifai_")}
    assert {contract.hook for contract in CONTRACTS} == hooks


def test_the_counts_of_the_documentation():
    checks = sum(len(checks_of(contract)) for contract in CONTRACTS)
    broken = sum(len(failed_by(name)) for name in FILES)
    page = (BROKEN.parents[2] / "docs" / "testing-plugins.md").read_text("utf-8")
    assert f"{len(CONTRACTS)} contracts with {checks} checks" in page
    assert f"{broken} broken plugins" in page
