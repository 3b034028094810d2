"""From lists of dicts to typed clauses to the protobuf of a query; all faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai.core.contracts import Clause, ClauseSpec
from clarifai.core.errors import UserError
from clarifai.core.plugins import plugins
from clarifai.core.wire.converter import structure
from clarifai.core.wire.messages import nearest
from clarifai.search.schema import converter

INPUT_PREFIX = "input_"
"""How the keys begin that ask about inputs; with one of them, the search is over inputs."""


@attrs.frozen
class Query:
    """Ranks and filters, checked; each is the clauses of one dict."""

    ranks: tuple[tuple[Clause, ...], ...]
    filters: tuple[tuple[Clause, ...], ...]
    rpc_name: str
    """`"PostInputsSearches"` or `"PostAnnotationsSearches"`."""

    @classmethod
    def read(cls, ranks: Any, filters: Any) -> Query:
        """Return the query that the documented lists mean.

        Args:
            ranks: A list of dicts; an empty list is as good as `[{}]`.
            filters: The same.

        Raises:
            UserError: All faults, each with its path:
                `filters[1].geo_point.latitude: 'abc' is not a number`.
        """
        faults: list[str] = []
        read_ranks = _groups("rank", ranks, faults)
        read_filters = _groups("filter", filters, faults)
        if faults:
            raise UserError.listing("Invalid rank or filter input", faults)
        about_inputs = any(str(key).startswith(INPUT_PREFIX) for one in filters for key in one)
        name = "PostInputsSearches" if about_inputs else "PostAnnotationsSearches"
        return cls(read_ranks, read_filters, name)

    def message(self) -> Any:
        """Return the `Query` message; no clauses at all make one empty rank and filter."""
        made = resources_pb2.Query()
        for clauses in self.ranks or ((),):
            _write(clauses, made.ranks.add())
        for clauses in self.filters or ((),):
            _write(clauses, made.filters.add())
        return made


def _write(clauses: Sequence[Clause], target: Any) -> None:
    for clause in clauses:
        clause.apply(target)
    if not target.ListFields():
        target.annotation.SetInParent()


def _groups(role: str, given: Any, faults: list[str]) -> tuple[tuple[Clause, ...], ...]:
    if not isinstance(given, (list, tuple)):
        faults.append(f"{role}s: must be a list of dicts, got {given!r}")
        return ()
    return tuple(
        _clauses(role, f"{role}s[{index}]", one, faults) for index, one in enumerate(given)
    )


def _clauses(role: str, path: str, given: Any, faults: list[str]) -> tuple[Clause, ...]:
    if not isinstance(given, Mapping):
        faults.append(f"{path}: {given!r} is not a dict")
        return ()
    read = (_clause(role, path, key, value, faults) for key, value in given.items())
    return tuple(clause for clause in read if clause is not None)


def _clause(role: str, path: str, key: Any, value: Any, faults: list[str]) -> Clause | None:
    spec = plugins().find("search_clauses", str(key))
    if not isinstance(spec, ClauseSpec):
        faults.append(f"{path}.{key}: unknown{nearest(str(key), _known(role))}")
        return None
    if role not in spec.roles:
        faults.append(f"{path}.{key}: may stand in {spec.roles[0]}s only")
        return None
    try:
        clause: Clause = structure({key: value}, spec.load(), path, converter())
    except UserError as error:
        faults.extend(f"{path}.{_with_key(str(key), fault)}" for fault in error.faults)
        return None
    return clause


def _with_key(key: str, fault: str) -> str:
    """A clause has one key: what is wrong with the whole of it, is wrong with its value."""
    return fault if fault.startswith(key) else f"{key}: {fault.removeprefix('the whole: ')}"


def _known(role: str) -> list[str]:
    specs = plugins().specs("search_clauses")
    return [spec.name for spec in specs if isinstance(spec, ClauseSpec) and role in spec.roles]
