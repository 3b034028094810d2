"""Queries: read from the documented lists, or built; either way the same clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import attrs

from clarifai_core.contracts import Clause
from clarifai_core.errors import FileError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_search._parsing import check_role, key_of, read_clause, read_group, read_groups
from clarifai_search._schema import shown
from clarifai_search._terms import AnyOf, concept_term

if TYPE_CHECKING:
    import os

    from clarifai_search._schema import ArrayLike

INPUTS_RPC, ANNOTATIONS_RPC = "PostInputsSearches", "PostAnnotationsSearches"
MAX_SHOWN, MAX_SHOWN_CHARACTERS = 10, 80
"""Items of a list and characters of a text that a printed query spells out."""

_HEADING = "Invalid rank or filter input"


@attrs.frozen
class ClauseGroup:
    """The clauses of one rank or filter: what one dict of the documented lists holds."""

    clauses: tuple[Clause, ...] = ()
    negate: bool = False
    """Whether it asks for the opposite."""

    def apply(self, target: Any) -> None:
        """Write the group into a `Rank` or `Filter`; without clauses it asks for nothing."""
        for clause in self.clauses:
            clause.apply(target)
        if not target.ListFields():
            target.annotation.SetInParent()
        if self.negate:
            target.negate = True

    def __str__(self) -> str:
        parts = [_shown_clause(clause) for clause in self.clauses]
        return f"{'not ' if self.negate else ''}{{{', '.join(parts)}}}"


@attrs.frozen(repr=False)
class Query:
    """What to look for: ranks order, filters choose. Immutable; each method returns a new query.

    How parts come together:

    - Filters are ANDed: `where(a, b)` and `where(a).where(b)` are the same, a hit passes both.
    - `exclude(a, b)` keeps what passes neither.
    - Within one filter, alternatives are ORed: `concepts("cat", "dog")`, the keys of one
      `metadata({...})`, and with `any_of(...)` also input types, datasets, a status and an id.
    - Filters come before ranks. Several ranks give the mean of their scores.
    - Without filters on inputs (their type, dataset, status or id) the search is over
      *annotations*: every filter must hold on one and the same annotation, and an input with
      several such annotations gives several hits. Else, or with `over_inputs()`, it is over
      *inputs*: each comes once, and filters may hold on different annotations of it.

    Queries can be compared, printed and pickled. `Search.query`, `.hits`, `.count` and
    `.save_as_dataset` take them.

    Example:
        >>> from clarifai_search import concept, near
        >>> query = Query().rank(text="a dog").where(concept("cat"), near(13.4, 52.5, km=5))
        >>> print(query.exclude(concept("blurry")))
        rank by {'text_raw': 'a dog'}
        where {'concepts': [{'name': 'cat', 'value': 1}]}
        where {'geo_point': {'longitude': 13.4, 'latitude': 52.5, 'geo_limit': 5}}
        where not {'concepts': [{'name': 'blurry', 'value': 1}]}
    """

    ranks: tuple[ClauseGroup, ...] = ()
    filters: tuple[ClauseGroup, ...] = ()
    min_score: float = 0.0
    """Hits that score less are left out; 0: none is."""
    each_input: bool = False
    """Whether the search is over inputs, whatever the filters ask."""

    @classmethod
    def read(cls, ranks: Any, filters: Any) -> Query:
        """Return the query that the documented lists mean.

        Args:
            ranks: A list of dicts; an empty list is as good as `[{}]`.
            filters: The same.

        Raises:
            UserError: All faults, each with its path:
                `filters[1].geo_point.latitude: 'abc' is not a number`.

        Example:
            >>> Query.read([{"text_raw": "a dog"}], []) == Query().rank(text="a dog")
            True
        """
        faults: list[str] = []
        read_ranks = read_groups("rank", ranks, faults)
        read_filters = read_groups("filter", filters, faults)
        if faults:
            raise UserError.listing(_HEADING, faults)
        return cls(tuple(map(ClauseGroup, read_ranks)), tuple(map(ClauseGroup, read_filters)))

    def rank(
        self,
        *clauses: Clause | Mapping[str, Any],
        text: str | None = None,
        image: str | bytes | os.PathLike[str] | None = None,
        concept: str | Clause | None = None,
        input_id: str | None = None,
        embedding: Sequence[float] | ArrayLike | None = None,
        negate: bool = False,
    ) -> Query:
        """Return the query with one more rank for each thing that is given.

        Args:
            *clauses: Further keys: `clause("key", value)`, or a dict as documented.
            text: Like this text.
            image: Like this picture: its URL, its bytes, or the path of its file, read now.
            concept: Likely to be of this concept: its name, or `concept(id="...")`.
            input_id: Like this input of the app.
            embedding: Near this vector, as long as the app's embeddings: a list, or a numpy array.
            negate: The least alike come first.

        Raises:
            UserError: Nothing is given, a value does not fit, or the file cannot be read.

        Example:
            >>> Query().rank(text="a dog").rank(concept="brown").ranks[1].clauses
            (Concepts(concepts=(ConceptTerm(id=None, name='brown', language=None, value=1),)),)
        """
        given: list[Clause | Mapping[str, Any]] = list(clauses)
        values = (("text_raw", text), ("input_id", input_id), ("embedding", embedding))
        given += [read_clause("rank()", key, one) for key, one in values if one is not None]
        if image is not None:
            given.append(_image(image))
        if concept is not None:
            given.append(concept_term(concept))
        if not given:
            raise UserError("rank() needs one of text, image, concept, input_id and embedding.")
        return attrs.evolve(self, ranks=(*self.ranks, *_groups("rank", given, negate)))

    def where(self, *clauses: Clause | Mapping[str, Any]) -> Query:
        """Return the query with one more filter for each clause; a hit must pass them all.

        Args:
            *clauses: Such as `concept("cat")`, `near(13.4, 52.5, km=5)`, `any_of(...)`,
                `clause("key", value)` or a dict as documented.

        Raises:
            UserError: One is no clause, or may stand in ranks only.

        Example:
            >>> from clarifai_search import concept, in_dataset
            >>> len(Query().where(concept("cat"), in_dataset("train")).filters)
            2
        """
        return attrs.evolve(self, filters=(*self.filters, *_groups("filter", clauses)))

    def exclude(self, *clauses: Clause | Mapping[str, Any]) -> Query:
        """Return the query with one more negated filter for each clause; a hit may pass none.

        In a search over annotations these are annotations without it: the input may have another
        annotation with it. `over_inputs()` leaves such inputs out.

        Args:
            *clauses: As in `where`.

        Raises:
            UserError: One is no clause, or may stand in ranks only.
        """
        return attrs.evolve(self, filters=(*self.filters, *_groups("filter", clauses, True)))

    def at_least(self, score: float) -> Query:
        """Return the query without hits that score less.

        Args:
            score: From 0 to 1; 0.5 is unrelated, 1 the same.

        Raises:
            UserError: It is no such number.
        """
        if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1:
            raise UserError(f"at_least() takes a number from 0 to 1, got {shown(score)}.")
        return attrs.evolve(self, min_score=float(score))

    def over_inputs(self) -> Query:
        """Return the query as one over inputs: each comes once; see `Query`."""
        return attrs.evolve(self, each_input=True)

    @property
    def rpc_name(self) -> str:
        """Return the method that answers it."""
        return self.rpc_for(self.message())

    def rpc_for(self, message: Any) -> str:
        """Return the method that answers a `Query` message of this query."""
        about_inputs = self.each_input or any(one.HasField("input") for one in message.filters)
        return INPUTS_RPC if about_inputs else ANNOTATIONS_RPC

    def message(self) -> resources_pb2.Query:
        """Return the `Query` message; no clauses at all make one empty rank and filter."""
        made = resources_pb2.Query()
        for group in self.ranks or (ClauseGroup(),):
            group.apply(made.ranks.add())
        for group in self.filters or (ClauseGroup(),):
            group.apply(made.filters.add())
        return made

    def __str__(self) -> str:
        return "\n".join(self._lines()) or "everything"

    def __repr__(self) -> str:
        return f"<Query: {'; '.join(self._lines()) or 'everything'}>"

    def _lines(self) -> list[str]:
        lines = [f"rank by {group}" for group in self.ranks]
        lines += [f"where {group}" for group in self.filters]
        lines += [f"score at least {self.min_score:g}"] if self.min_score else []
        return lines + (["over inputs"] if self.each_input else [])


def _groups(role: str, given: Sequence[Any], negate: bool = False) -> list[ClauseGroup]:
    faults: list[str] = []
    groups = [
        ClauseGroup(_clauses(role, f"{role}[{index}]", one, faults), negate)
        for index, one in enumerate(given)
    ]
    if faults:
        raise UserError.listing(_HEADING, faults)
    return groups


def _clauses(role: str, path: str, given: Any, faults: list[str]) -> tuple[Clause, ...]:
    if isinstance(given, Mapping):
        return read_group(role, path, given, faults)
    if isinstance(given, type) or not callable(getattr(given, "apply", None)):
        hint = f"; did you mean concept({given!r})?" if isinstance(given, str) else ""
        faults.append(f"{path}: {shown(given)} is no clause such as concept('cat'){hint}")
        return ()
    clauses = given.clauses if isinstance(given, AnyOf) else (given,)
    found = (check_role(role, clause) for clause in clauses)
    faults.extend(f"{path}: {fault}" for fault in found if fault)
    return clauses


def _image(given: object) -> Clause:
    if isinstance(given, (bytes, bytearray, memoryview)):
        return _read_image("image_bytes", given)
    if isinstance(given, str) and "://" in given:
        return _read_image("image_url", given)
    try:
        content = Path(given).read_bytes()  # type: ignore[arg-type]
    except TypeError as error:
        raise UserError(f"image must be a URL, bytes or a path, got {shown(given)}.") from error
    except OSError as error:
        text = f"image {shown(given)} is no URL, and cannot be read: {error}."
        raise FileError.of(text, error) from error
    except ValueError as error:
        raise UserError(f"image {shown(given)} is no URL, and cannot be read: {error}.") from error
    return _read_image("image_bytes", content)


def _read_image(key: str, value: object) -> Clause:
    read: Clause = read_clause("rank()", key, value)
    return read


def _shown_clause(clause: Clause) -> str:
    if not key_of(clause):
        return shown(clause)
    values = attrs.asdict(
        cast("attrs.AttrsInstance", clause),
        filter=lambda _, value: value is not None,
    )
    return ", ".join(f"{key!r}: {_shown_value(value)}" for key, value in values.items())


def _shown_value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_shown_value(one)}' for key, one in value.items())}}}"
    if isinstance(value, (list, tuple)) and len(value) <= MAX_SHOWN:
        return f"[{', '.join(map(_shown_value, value))}]"
    return (
        repr(value)
        if isinstance(value, str) and len(value) <= MAX_SHOWN_CHARACTERS
        else shown(value)
    )
