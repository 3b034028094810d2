"""Classes with one fault each, whose names handles get."""

from __future__ import annotations

from typing import Any

from clarifai_core.contracts import MixinSpec
from clarifai_testing import MixinContract
from tests.testing.cases import Cases, giving


class Contract(MixinContract):
    name = "counts"


def spec(target: Any, names: Any = ("count_all",), kinds: Any = ("inputs",)) -> MixinSpec:
    where = f"{__name__}:{target.__name__}"
    return MixinSpec("counts", where, "Counts.", names=names, kinds=kinds)


cases = Cases(__name__, Contract, lambda target: giving("mixins", spec(target)))


@cases.good
class Counts:
    def count_all(self: Any) -> int:
        """Return how many there are."""
        return sum(1 for _ in self.list_inputs())


def case(title: str, check: str, says: str, target: Any = Counts, **more: Any) -> None:
    cases.add(title, check, giving("mixins", spec(target, **more)), {}, says)


case("Strange", "test_kinds_are_known", "no plugin registers the kind 'shelf'", kinds=("shelf",))


@cases.fails("test_target_is_a_class", "must be a class, not a function")
def count_all(self: Any) -> int:
    """Return how many there are."""
    return 0


@cases.fails("test_class_has_the_names", "Nameless has no 'count_all'")
class Nameless:
    pass


class Hidden:
    def _count(self) -> int:
        """Return how many there are."""
        return 0


case("Private", "test_names_are_public", "'_count' is private", Hidden, names=("_count",))


class Taken:
    def upload_text(self) -> int:
        """Return how many there are."""
        return 0


case("Taken", "test_names_are_not_taken", "Inputs has 'upload_text'", Taken, names=("upload_text",))


class Field:
    @property
    def notes(self) -> str:
        """What is noted."""
        return ""


case(
    "Field",
    "test_names_are_no_fields",
    "'notes' is a field of 'model'",
    Field,
    names=("notes",),
    kinds=("model",),
)


@cases.fails("test_names_are_documented", "has no docstring")
class Undocumented:
    def count_all(self) -> int:
        return 0


@cases.fails("test_methods_take_the_handle", "takes no self")
class Selfless:
    def count_all() -> int:  # type: ignore[misc]
        """Return how many there are."""
        return 0


@cases.fails("test_class_keeps_nothing_of_its_own", "is never called")
class Keeping(Counts):
    def __init__(self) -> None:
        self.count = 0


class Descriptor:
    """A name that fails when it is bound."""

    def __get__(self, handle: Any, owner: Any) -> Any:
        raise RuntimeError("no handle")


@cases.fails("test_handles_have_the_names", "RuntimeError: no handle")
class Unbound:
    count_all = Descriptor()


def fail_to_try(self: Any, handle: Any) -> None:
    assert handle.count_all() == 1, "the count is wrong"


cases.add(
    "Miscounting",
    "test_works_on_a_platform",
    giving("mixins", spec(Counts)),
    {"try_them": fail_to_try},
    "the count is wrong",
)
