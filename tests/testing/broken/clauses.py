"""Search keys with one fault each."""

from __future__ import annotations

import itertools
from typing import Any

import attrs

from clarifai_core.contracts import ClauseSpec
from clarifai_testing import ClauseContract
from tests.testing.cases import Cases, giving


class Contract(ClauseContract):
    name = "language"
    values = ("de", "en")
    bad_values = ("German", "", 7)


def spec(target: Any, roles: Any = ("filter",)) -> ClauseSpec:
    return ClauseSpec("language", f"{__name__}:{target.__name__}", "Inputs.", roles=roles)


cases = Cases(__name__, Contract, lambda target: giving("search_clauses", spec(target)))
is_language = attrs.validators.matches_re("[a-z]{2}")


@cases.good
@attrs.frozen
class Language:
    language: str = attrs.field(validator=is_language)

    def apply(self, target: Any) -> None:
        target.annotation.data.metadata.update({"language": self.language})


cases.add(
    "Rolling",
    "test_loads",  # what could stand nowhere is refused by core
    giving("search_clauses", spec(Language, roles=("filters",))),
    {},
    "they may be rank, filter",
)
cases.add(
    "Untried", "test_takes_good_values", giving("search_clauses", spec(Language)), {"values": ()}
)
cases.add(
    "Unbroken",
    "test_refuses_bad_values",
    giving("search_clauses", spec(Language)),
    {"bad_values": ()},
)


@cases.fails("test_is_an_attrs_class", "must be an attrs class")
class Plain:
    def __init__(self, language: str) -> None:
        self.language = language


@cases.fails("test_is_an_attrs_class", "must be called 'language'")
@attrs.frozen
class Misnamed:
    code: str

    def apply(self, target: Any) -> None:
        target.annotation.data.metadata.update({"language": self.code})


@cases.fails("test_is_an_attrs_class", "no method apply")
@attrs.frozen
class Idle:
    language: str


@cases.fails("test_takes_good_values", "refuses 'de' in a filter")
@attrs.frozen
class Strict(Language):
    language: str = attrs.field(validator=attrs.validators.in_(["xx"]))


@cases.fails("test_refuses_bad_values", "takes 'German'")
@attrs.frozen
class Lenient(Language):
    language: str


@cases.fails("test_apply_writes", "writes nothing")
@attrs.frozen
class Blank(Language):
    def apply(self, target: Any) -> None:
        pass


@cases.fails("test_apply_does_the_same_each_time", "each time")
@attrs.frozen
class Counting(Language):
    numbers = itertools.count()

    def apply(self, target: Any) -> None:
        target.annotation.data.metadata.update({"number": next(self.numbers)})


@cases.fails("test_apply_leaves_other_keys", "only add to it")
@attrs.frozen
class Clearing(Language):
    def apply(self, target: Any) -> None:
        target.Clear()
        super().apply(target)


@cases.fails("test_equal_values_are_equal_clauses", "are not equal")
@attrs.frozen(eq=False)
class Single:
    language: str = attrs.field(validator=is_language)

    def apply(self, target: Any) -> None:
        target.annotation.data.metadata.update({"language": self.language})


@cases.fails("test_clauses_do_not_change", "use @attrs.frozen")
@attrs.define
class Loose:
    language: str = attrs.field(validator=is_language)

    def apply(self, target: Any) -> None:
        target.annotation.data.metadata.update({"language": self.language})


@cases.fails("test_searches", "fails")
@attrs.frozen
class Unanswered(Language):
    def apply(self, target: Any) -> None:
        super().apply(target)
        target.annotation.data.geo.geo_box.add()


@cases.fails("test_values_are_left_as_they_are", "copy it first", values=(["de"],), bad_values=(7,))
@attrs.frozen
class Taking:
    language: Any = attrs.field(validator=attrs.validators.instance_of(list))

    def apply(self, target: Any) -> None:
        target.annotation.data.metadata.update({"language": self.language.pop()})
