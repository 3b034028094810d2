"""What handles ask of a class whose names they get."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from clarifai_core.errors import PluginError
from clarifai_core.handles import Handle, open_class
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure
from clarifai_testing._checks import check, place, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASS = ["test_target_is_a_class", "test_class_has_the_names", "test_kinds_are_known"]


class MixinContract(SpecContract):
    """Names on handles of others: there, documented, and hidden by nothing.

    Say `plugin` and `name`; `try_them` when the names can be tried on a platform.
    """

    hook = "clarifai_register_mixins"

    def try_them(self, handle: Any) -> None:
        """Use the names on a handle of each kind, with a platform behind it; asserts are yours."""

    def _kinds(self) -> Iterator[type[Handle]]:
        registered = [spec.name for spec in plugins().specs("resources")]
        asked = self.spec.kinds
        for kind in registered if "*" in asked else asked:
            try:
                yield open_class(kind)
            except PluginError:
                pytest.skip("test_kinds_are_known says what to mend first")

    def _found(self, name: str) -> object:
        for base in self.target.__mro__:
            if name in vars(base):
                return vars(base)[name]
        pytest.skip("test_class_has_the_names says what to mend first")

    @check()
    def test_target_is_a_class(self) -> None:
        """Its target is a class, written as a base class of the handles would be."""
        target = self.target
        if not isinstance(target, type):
            wrong(f"{self.title}: {self.spec.target} must be a class, not a {_kind(target)}.")

    @check(after=["test_target_is_a_class"])
    def test_class_has_the_names(self) -> None:
        """Each of `names` is an attribute of the class."""
        has = {name for base in self.target.__mro__ for name in vars(base)}
        missing = [name for name in self.spec.names if name not in has]
        if missing:
            wrong(
                f"{self.title}: {self.target.__name__} has no {missing[0]!r}: write it, or take "
                "it out of names."
            )

    @check()
    def test_kinds_are_known(self) -> None:
        """Each of `kinds` is registered by a plugin."""
        known = [spec.name for spec in plugins().specs("resources")]
        unknown = [kind for kind in self.spec.kinds if kind != "*" and kind not in known]
        if unknown:
            wrong(
                f"{self.title}: no plugin registers the kind {unknown[0]!r}; there are "
                f"{', '.join(sorted(known))}."
            )

    @check(after=CLASS)
    def test_names_are_public(self) -> None:
        """Users find the names: they begin with no underscore."""
        hidden = [name for name in self.spec.names if name.startswith("_")]
        if hidden:
            wrong(f"{self.title}: {hidden[0]!r} is private by its name: call it otherwise.")

    @check(after=CLASS)
    def test_names_are_not_taken(self) -> None:
        """What a handle's class has itself comes first: such a name is never seen."""
        for cls in self._kinds():
            for name in self.spec.names:
                if any(name in vars(base) for base in cls.__mro__):
                    wrong(
                        f"{self.title}: {cls.__name__} has {name!r} itself, which comes first: "
                        "call yours otherwise."
                    )

    @check(after=CLASS)
    def test_names_are_no_fields(self) -> None:
        """Fields of the message come first, too, unless the spec fills those without a value."""
        if self.spec.fills_unset_fields:
            pytest.skip("the spec says that it fills fields without a value")
        for kind in self.spec.kinds:
            spec = plugins().find("resources", kind)
            if spec is None or not getattr(spec, "kind", ""):
                continue
            from clarifai_core.kinds import kind_named

            fields = kind_named(kind).message_class.DESCRIPTOR.fields_by_name
            taken = [name for name in self.spec.names if name in fields]
            if taken:
                wrong(
                    f"{self.title}: {taken[0]!r} is a field of {kind!r}, which comes first: call "
                    "yours otherwise, or set fills_unset_fields."
                )

    @check(after=CLASS)
    def test_names_are_documented(self) -> None:
        """help() tells what each of them is for."""
        for name in self.spec.names:
            found = self._found(name)
            found = getattr(found, "__func__", found)
            documented = getattr(found, "__doc__", None)
            if (callable(found) or isinstance(found, property)) and not documented:
                wrong(f"{self.title}: {name} has no docstring: say what it is for.")

    @check(after=CLASS)
    def test_methods_take_the_handle(self) -> None:
        """The first parameter of a method is the handle."""
        for name in self.spec.names:
            found = self._found(name)
            if inspect.isfunction(found) and not inspect.signature(found).parameters:
                wrong(f"{self.title}: {name}() takes no self: the handle is its first argument.")

    @check(after=CLASS)
    def test_class_keeps_nothing_of_its_own(self) -> None:
        """Nothing makes an instance of the class: its `__init__` would never run."""
        own = [
            base.__name__
            for base in self.target.__mro__
            if base is not object and "__init__" in vars(base)
        ]
        if own:
            wrong(
                f"{self.title}: {own[0]}.__init__ is never called, as handles only get the names: "
                "keep nothing on self."
            )

    @check(after=CLASS)
    def test_handles_have_the_names(self) -> None:
        """The names are in dir(), and can be had of the class."""
        for cls in self._kinds():
            handle = cls.__new__(cls)
            for name in self.spec.names:
                try:
                    getattr(cls, name)
                except Exception as error:  # noqa: BLE001  why: of a plugin
                    wrong(
                        f"{self.title}: {cls.__name__}.{name} fails: {failure(error)}"
                        f"{place(error)}."
                    )
                if name not in dir(handle):
                    wrong(f"{self.title}: {name} is not in dir() of a {cls.__name__}.")

    @check(after=CLASS)
    def test_works_on_a_platform(self, clarifai_app: str) -> None:
        """What `try_them` tries works."""
        from clarifai_resources.user import User

        app = User().app(clarifai_app)
        for cls in self._kinds():
            if cls.kind == "app":
                self.try_them(app)
            elif cls.kind == "user":
                self.try_them(User())
            elif cls.kind:
                self.try_them(app.child(cls.kind))


def _kind(value: object) -> str:
    return type(value).__name__
