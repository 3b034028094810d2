"""What a search asks of a key of a rank or filter."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import pytest

from clarifai_core.errors import ClarifaiError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import failure, shown
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, check, one_sentence, place, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_core.contracts import Clause
    from clarifai_search import Query

CLASS = ["test_is_an_attrs_class"]
GOOD = [*CLASS, "test_takes_good_values", "test_values_are_left_as_they_are"]


class ClauseContract(SpecContract):
    """A key of ranks and filters: a schema that refuses, and an `apply` that only adds.

    Say `plugin`, `name`, the `values` that the key may have and `bad_values` that it may not.
    """

    hook = "clarifai_register_search_clauses"
    values: ClassVar[Sequence[Any]] = ()
    bad_values: ClassVar[Sequence[Any]] = ()

    @property
    def title(self) -> str:
        """Return what failures begin with."""
        return f"The search key {self.name!r}"

    def _read(self, role: str, value: Any) -> Query:
        from clarifai_search import Query

        given = {"ranks": [], "filters": [], f"{role}s": [{self.name: value}]}
        return Query.read(**given)

    def _role(self) -> str:
        return str(self.spec.roles[-1])

    def _message(self) -> resources_pb2.Rank | resources_pb2.Filter:
        return resources_pb2.Rank() if self._role() == "rank" else resources_pb2.Filter()

    def _clause(self, value: Any) -> Clause:
        from clarifai_search import clause

        try:
            return clause(self.name, value)
        except ClarifaiError:
            pytest.skip("test_takes_good_values says what to mend first")

    def _applied(self, value: Any, target: Any = None) -> resources_pb2.Rank | resources_pb2.Filter:
        message = self._message()
        if target is not None:
            message.CopyFrom(target)
        self._clause(value).apply(message)
        return message

    @check()
    def test_is_an_attrs_class(self) -> None:
        """Its first field has the name of the key, and it has `apply`."""
        target = self.target
        if not (isinstance(target, type) and attrs.has(target)):
            wrong(f"{self.title}: {self.spec.target} must be an attrs class (@attrs.frozen).")
        fields = [field.name for field in attrs.fields(target)]
        if fields[:1] != [self.name]:
            wrong(
                f"{self.title}: the first field of {target.__name__} is {fields[:1]}: it must be "
                f"called {self.name!r}, as the key is."
            )
        if not callable(getattr(target, "apply", None)):
            wrong(f"{self.title}: {target.__name__} has no method apply(self, target).")

    @check(after=CLASS)
    def test_takes_good_values(self) -> None:
        """What the key may have is read, in each of its roles."""
        if not self.values:
            wrong(f"{type(self).__name__} tries nothing: set values to what the key may have.")
        for role in self.spec.roles:
            for value in self.values:
                try:
                    self._read(role, value)
                except UserError as error:
                    faults = "; ".join(error.faults) or str(error)
                    wrong(f"{self.title} refuses {shown(value)} in a {role}: {faults}.")

    @check(after=CLASS)
    def test_refuses_bad_values(self) -> None:
        """What the key may not have is refused before anything is sent."""
        if not self.bad_values:
            wrong(f"{type(self).__name__} tries nothing bad: set bad_values to what is refused.")
        for value in self.bad_values:
            try:
                self._read(self._role(), value)
            except UserError as error:
                for fault in error.faults:
                    one_sentence(fault, f"{self.title}, of {shown(value)},")
                    if self.name not in fault:
                        wrong(f"{self.title} says {fault!r} of {shown(value)}: name the key.")
            except Exception as error:  # noqa: BLE001  why: of a plugin
                wrong(
                    f"{self.title} fails at {shown(value)} with {failure(error)}{place(error)}: "
                    "raise ValueError or TypeError in a validator."
                )
            else:
                wrong(
                    f"{self.title} takes {shown(value)}: give its field a validator that raises "
                    "ValueError."
                )

    @check(after=[*CLASS, "test_takes_good_values"])
    def test_values_are_left_as_they_are(self) -> None:
        """Reading a query changes nothing that the program gave."""
        for value in self.values:
            given = copy.deepcopy(value)
            self._applied(given)
            if given != value:
                wrong(
                    f"{self.title} changes the value {shown(value)} that it is given to "
                    f"{shown(given)}: copy it first."
                )

    @check(after=GOOD)
    def test_apply_writes(self) -> None:
        """`apply` puts something into the message."""
        for value in self.values:
            if not self._applied(value).ByteSize():
                wrong(f"{self.title}: apply() writes nothing for {shown(value)}.")

    @check(after=[*GOOD, "test_apply_writes"])
    def test_apply_does_the_same_each_time(self) -> None:
        """A query is read once and sent for each page."""
        for value in self.values:
            clause = self._clause(value)
            first, second = self._message(), self._message()
            clause.apply(first)
            clause.apply(second)
            if first != second:
                wrong(f"{self.title}: apply() writes something else for {shown(value)} each time.")

    @check(after=GOOD)
    def test_apply_leaves_other_keys(self) -> None:
        """Several keys stand in one filter: `apply` clears nothing of theirs."""
        target = self._message()
        target.annotation.data.concepts.add(id="of-another-key", value=1)
        for value in self.values:
            found = self._applied(value, target)
            if "of-another-key" not in {one.id for one in found.annotation.data.concepts}:
                wrong(f"{self.title}: apply() clears what another key wrote: only add to it.")

    @check(after=GOOD)
    def test_equal_values_are_equal_clauses(self) -> None:
        """Two queries that say the same are equal."""
        for value in self.values:
            if self._clause(value) != self._clause(copy.deepcopy(value)):
                wrong(
                    f"{self.title}: two clauses of {shown(value)} are not equal: use "
                    "@attrs.frozen, and values that can be compared."
                )

    @check(after=GOOD)
    def test_clauses_do_not_change(self) -> None:
        """A clause is frozen: queries share them."""
        clause = self._clause(self.values[0])
        try:
            setattr(clause, self.name, getattr(clause, self.name))
        except AttributeError:
            return
        wrong(f"{self.title}: a clause can be changed: use @attrs.frozen in place of define.")

    @check(after=EVERY)
    def test_searches(self, clarifai_app: str) -> None:
        """A platform answers a search by the key."""
        search: Any = User().app(clarifai_app).search()
        for role in self.spec.roles:
            for value in self.values:
                try:
                    list(search.hits(**{f"{role}s": [{self.name: value}]}))
                except ClarifaiError as error:
                    wrong(f"{self.title}: a search by {shown(value)} fails: {error}")
