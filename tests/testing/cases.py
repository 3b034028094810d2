"""Broken plugins as tests of contracts: each says which check it makes fail."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest

from clarifai_core.hookspecs import hookimpl

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
BROKEN = Path(__file__).with_name("broken")


class Plugin:
    """What an entry point names: an object with hooks."""

    def __init__(self, **hooks: Any) -> None:
        vars(self).update(hooks)


def giving(what: str, *specs: Any) -> Plugin:
    """A plugin that registers specs by one hook."""

    def register() -> list[Any]:
        return list(specs)

    register.__name__ = f"clarifai_register_{what}"
    return Plugin(**{register.__name__: hookimpl(register)})


@attrs.frozen
class Cases:
    """The cases of one file; each becomes a class that a nested pytest runs.

    Args:
        module: The file's `__name__`.
        contract: What they are tested with: a contract that says what the good plugin is.
        plugin: Makes the plugin of what is broken.
    """

    module: str
    contract: type
    plugin: Any

    def good(self, target: T) -> T:
        """Mark a plugin that passes."""
        self.add(f"Good{_name(target)}", "", self.plugin(target), {})
        return target

    def fails(self, check: str, says: str = "", **attributes: Any) -> Callable[[T], T]:
        """Mark a class or function that makes one check fail."""

        def mark(target: T) -> T:
            self.add(_name(target), check, self.plugin(target), attributes, says)
            return target

        return mark

    def add(
        self, title: str, check: str, plugin: Any, attributes: dict[str, Any], says: str = ""
    ) -> None:
        made = {"plugin": plugin, "fails": check, "says": says, **attributes}
        name = f"Test{title[0].upper()}{title[1:]}"
        assert name not in vars(sys.modules[self.module])
        vars(sys.modules[self.module])[name] = type(name, (self.contract,), made)


def _name(target: Any) -> str:
    return str(target.__name__)


@attrs.define
class Outcome:
    """What became of one case."""

    fails: str
    says: str
    passed: list[str] = attrs.field(factory=list)
    skipped: dict[str, str] = attrs.field(factory=dict)
    failed: dict[str, str] = attrs.field(factory=dict)


class _Collector:
    def __init__(self) -> None:
        self.found: dict[str, Outcome] = {}

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        for item in items:
            self.found.setdefault(item.cls.__name__, Outcome(item.cls.fails, item.cls.says))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        *_, cls, test = report.nodeid.split("::")
        outcome = self.found[cls]
        if report.failed:
            outcome.failed[test] = str(report.longrepr)
        elif report.skipped:
            outcome.skipped[test] = str(report.longrepr[2])  # type: ignore[index]
        elif report.when == "call":
            outcome.passed.append(test)


def outcomes(kind: str) -> dict[str, Outcome]:
    """Run the cases of one file by a pytest within this one, and return what became of each."""
    collector = _Collector()
    options = ["-c", os.devnull, "--rootdir", str(ROOT), "--import-mode=importlib", "-q"]
    without = [f"-pno:{name}" for name in ("cacheprovider", "asyncio", "xdist", "hypothesispytest")]
    pytest.main([str(BROKEN / f"{kind}.py"), *options, *without], plugins=[collector])
    assert collector.found, f"no case of {kind} was collected"
    return collector.found


_KEPT: dict[str, dict[str, Outcome]] = defaultdict(dict)


def case_names(kind: str) -> list[str]:
    """Return the cases of one file."""
    from importlib import import_module

    module = import_module(f"tests.testing.broken.{kind}")
    return [name for name in vars(module) if name.startswith("Test")]


def outcome(kind: str, name: str) -> Outcome:
    """Return what became of one case; the file is run once."""
    if not _KEPT[kind]:
        _KEPT[kind] = outcomes(kind)
    return _KEPT[kind][name]


def hold_to_it(kind: str, name: str) -> None:
    """Fail unless a case does what it says: its check fails in one sentence, and no other does."""
    found = outcome(kind, name)
    assert list(found.failed) == ([found.fails] if found.fails else []), found.failed
    if not found.fails:
        assert len(found.passed) > 10
        assert not [why for why in found.skipped.values() if "mend first" in why]
        return
    said = found.failed[found.fails].strip()
    assert "\n" not in said, said
    assert found.says in said
    assert said.endswith((".", "..."))
