"""From dicts to typed clauses, by the keys that plugins registered; all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from clarifai_core.contracts import Clause, ClauseSpec
from clarifai_core.errors import UserError
from clarifai_core.plugins import plugins
from clarifai_core.wire.converter import structure
from clarifai_core.wire.messages import nearest
from clarifai_search._schema import converter, shown

MAX_FAULT_CHARACTERS = 300
"""What is longer is cut: a value that is shown may be a whole file."""


def read_groups(role: str, given: Any, faults: list[str]) -> tuple[tuple[Clause, ...], ...]:
    """Return the clauses of each dict of a list.

    Args:
        role: `"rank"` or `"filter"`.
        given: The list.
        faults: Where what is wrong is added, with its path.
    """
    if not isinstance(given, (list, tuple)):
        faults.append(f"{role}s: must be a list of dicts, got {shown(given)}")
        return ()
    return tuple(
        read_group(role, f"{role}s[{index}]", one, faults) for index, one in enumerate(given)
    )


def read_group(role: str, path: str, given: Any, faults: list[str]) -> tuple[Clause, ...]:
    """Return the clauses of one dict; `path` is where it stands."""
    if not isinstance(given, Mapping):
        faults.append(f"{path}: {shown(given)} is not a dict")
        return ()
    read = (_clause(role, path, key, value, faults) for key, value in given.items())
    return tuple(clause for clause in read if clause is not None)


def read_clause(what: str, key: str, value: Any) -> Any:
    """Return the clause of one key, wherever it may stand.

    Args:
        what: Who asks, for the error: `"near()"`.
        key: The key.
        value: What a dict would hold below it.

    Raises:
        UserError: The key is unknown, or the value does not fit it.
    """
    faults: list[str] = []
    read = _clause("", "", key, value, faults)
    if faults:
        raise UserError.listing(f"Invalid {what}", [fault.lstrip(".") for fault in faults])
    return read


def check_role(role: str, clause: Clause) -> str:
    """Return what is wrong with a clause that stands in a rank or filter, or `""`."""
    spec = plugins().find("search_clauses", key_of(clause))
    if isinstance(spec, ClauseSpec) and role not in spec.roles:
        return f"{spec.name} may stand in {spec.roles[0]}s only"
    return ""


def key_of(clause: Clause) -> str:
    """Return the key of a clause, `""` when it is none of those that dicts may have."""
    cls = type(clause)
    return attrs.fields(cls)[0].name if attrs.has(cls) and attrs.fields(cls) else ""


def _clause(role: str, path: str, key: Any, value: Any, faults: list[str]) -> Clause | None:
    spec = plugins().find("search_clauses", key) if isinstance(key, str) else None
    if not isinstance(spec, ClauseSpec):
        faults.append(f"{path}.{shown_key(key)}: unknown{nearest(str(key), _known(role))}")
        return None
    if role and role not in spec.roles:
        faults.append(f"{path}.{key}: may stand in {spec.roles[0]}s only")
        return None
    schema = _schema(spec)  # not below: a PluginError is a UserError, without faults to collect
    try:
        clause: Clause = structure({key: value}, schema, path, converter())
    except UserError as error:
        faults.extend(_cut(f"{path}.{_with_key(key, fault)}") for fault in error.faults)
        return None
    return clause


def _schema(spec: ClauseSpec) -> type[Clause]:
    schema: Any = spec.load()
    names = [field.name for field in attrs.fields(schema)] if attrs.has(schema) else []
    if spec.name not in names or not hasattr(schema, "apply"):
        raise spec.fault(f"must be an attrs class with a field {spec.name!r} and a method apply")
    found: type[Clause] = schema
    return found


def shown_key(key: object) -> str:
    """Return a key as a path names it; keys that are no text may be anything."""
    return key[:MAX_FAULT_CHARACTERS] if isinstance(key, str) else shown(key)


def _with_key(key: str, fault: str) -> str:
    """A clause has one key: what is wrong with the whole of it, is wrong with its value."""
    return fault if fault.startswith(key) else f"{key}: {fault.removeprefix('the whole: ')}"


def _cut(fault: str) -> str:
    return fault if len(fault) <= MAX_FAULT_CHARACTERS else f"{fault[:MAX_FAULT_CHARACTERS]}..."


def _known(role: str) -> list[str]:
    specs = plugins().specs("search_clauses")
    return [
        spec.name
        for spec in specs
        if isinstance(spec, ClauseSpec) and (not role or role in spec.roles)
    ]
