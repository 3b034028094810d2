"""What all contracts share: the plugin on trial, and its spec."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from clarifai_core.errors import PluginError
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure
from clarifai_core.trials import on_trial
from clarifai_testing import _announcing
from clarifai_testing._checks import check, wait_for_others, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clarifai_core.plugins import PluginInfo

MAX_HELP = 80
"""Characters of a line of help that a listing has room for."""


class PluginContract:
    """A plugin, and that it loads; the contracts of the hooks derive from it."""

    hook: ClassVar[str]
    """Name of the hook."""
    plugin: ClassVar[object] = ""
    """What the entry point names: `"acme.plugin"`."""

    info: PluginInfo | None = None
    fault: str = ""

    @property
    def title(self) -> str:
        """Return what failures begin with."""
        return f"The plugin {_shown(self.plugin)}"

    @pytest.fixture(autouse=True)
    def clarifai_trial(
        self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Iterator[None]:
        """Have the plugin count during the test; the test is in an empty folder."""
        wait_for_others(type(self), request.function)
        empty = tmp_path / "cwd"
        empty.mkdir()
        monkeypatch.chdir(empty)
        with contextlib.ExitStack() as stack:
            try:
                self.info = stack.enter_context(on_trial(self.plugin))
            except PluginError as error:
                self.fault = str(error).replace("trial", _shown(self.plugin), 1)
            yield

    def loaded(self) -> PluginInfo:
        """Return how the plugin is doing; the check is skipped when it did not load."""
        if self.info is None:
            pytest.skip("test_loads says what to mend first")
        return self.info

    @check()
    def test_loads(self) -> None:
        """It is taken as the SDK takes it; what is wrong is what `clarifai plugins` would say."""
        if not self.plugin:
            wrong(f"{type(self).__name__} names no plugin: set plugin = 'acme.plugin'.")
        if self.fault:
            wrong(self.fault)

    @check()
    def test_implements_the_hook(self) -> None:
        """It has the hook that the contract is about."""
        hooks = self.loaded().hooks
        if self.hook not in hooks:
            others = ", ".join(hooks) or "no hook"
            wrong(
                f"{self.title} does not implement {self.hook}, but {others}: add the function, "
                "with @hookimpl."
            )

    @check()
    def test_announcing_is_cheap(self) -> None:
        """Importing it, and asking it what it registers, loads none of its code."""
        self.loaded()
        named = self.plugin.__name__ if isinstance(self.plugin, ModuleType) else self.plugin
        if not isinstance(named, str):
            pytest.skip("plugin is an object: name it as the entry point does, 'acme.plugin'")
        loads = _announcing.loaded_by(named)
        if loads:
            wrong(
                f"{self.title} loads {', '.join(loads)} when it is announced, in every program: "
                "import that in the functions, or in the module that a spec names."
            )


class SpecContract(PluginContract):
    """One spec of a register hook."""

    name: ClassVar[str] = ""
    """Name of the spec."""

    @property
    def what(self) -> str:
        """Return the hook's name behind `clarifai_register_`."""
        return self.hook.removeprefix("clarifai_register_")

    @property
    def title(self) -> str:
        """Return what failures begin with."""
        noun = "policy" if self.what == "policies" else self.what.removesuffix("s")
        return f"The {noun.replace('_', ' ')} {self.name!r}"

    @property
    def spec(self) -> Any:
        """Return the spec; the check is skipped when there is none."""
        self.loaded()
        found = plugins().find(self.what, self.name)
        if found is None:
            pytest.skip("test_registers_the_name says what to mend first")
        return found

    @property
    def target(self) -> Any:
        """Return what the spec's target names; the check is skipped when it cannot be imported."""
        spec = self.spec
        try:
            return spec.load()
        except PluginError:
            pytest.skip("test_target_can_be_imported says what to mend first")

    @check(after=["test_implements_the_hook"])
    def test_registers_the_name(self) -> None:
        """It registers the name that the contract is about."""
        self.loaded()
        if plugins().find(self.what, self.name) is None:
            mine = [
                spec.name
                for spec in plugins().specs(self.what)
                if plugins().owner(self.what, spec.name) == "trial"
            ]
            wrong(
                f"{_shown(self.plugin)} registers no {self.what} {self.name!r}, but "
                f"{', '.join(map(repr, mine)) or 'none'}: set name to what the spec has."
            )

    @check()
    def test_has_one_line_of_help(self) -> None:
        """Its help is one line, which listings have room for."""
        said = self.spec.help
        if not said.strip():
            wrong(f"{self.title} has no help: say in the spec, in one line, what it is.")
        if "\n" in said or len(said) > MAX_HELP:
            wrong(
                f"The help of {self.title[4:]} has {len(said)} characters in "
                f"{len(said.splitlines())} lines: one line of {MAX_HELP} at most fits in listings."
            )

    @check()
    def test_target_can_be_imported(self) -> None:
        """What the target names is there."""
        spec = self.spec
        try:
            spec.load()
        except PluginError as error:
            cause = failure(error.__cause__) if error.__cause__ else str(error)
            wrong(f"{self.title} cannot be imported from {spec.target}: {cause}.")


def _shown(plugin: object) -> str:
    if isinstance(plugin, str):
        return repr(plugin)
    return repr(getattr(plugin, "__name__", type(plugin).__name__))
