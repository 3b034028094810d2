"""From an HTTP verb and path to an RPC, by the `google.api.http` options of the descriptors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

from clarifai_local._methods import Method

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

VERBS = ("get", "put", "post", "delete", "patch")

_VARIABLE = re.compile(r"\{([\w.]+)\}")

_USER = "/v2/users/{user_app_id.user_id}"

OTHER_PATHS: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    # The contract binds these two to verbs where other RPCs are: the verbs that they should have.
    (
        "PatchRunners",
        "patch",
        f"{_USER}/compute_clusters/{{compute_cluster_id}}/nodepools/{{nodepool_id}}/runners",
        {},
    ),
    ("PostPipelines", "post", "/v2/pipelines", {}),
    # Paths of 10.1 that later releases gave up, with the names that it has for fields.
    ("PostRunners", "post", f"{_USER}/runners", {}),
    ("DeleteRunners", "delete", f"{_USER}/runners", {}),
    (
        "ListRunnerItems",
        "get",
        f"{_USER}/runners/{{runner_id}}/items",
        {"items": "runner_items"},
    ),
    (
        "PostRunnerItemOutputs",
        "post",
        f"{_USER}/runners/{{runner_id}}/items/{{runner_item_id}}/outputs",
        {"item_id": "runner_item_id"},
    ),
)
"""`(RPC, verb, path, names)` of bindings that the descriptors do not have."""


@attrs.frozen
class Binding:
    """One path of an RPC."""

    method: Method
    verb: str
    """In lower case."""
    template: str
    """Such as `/v2/users/{user_app_id.user_id}/apps`."""
    names: Mapping[str, str] = attrs.field(factory=dict)
    """Names that callers of this path use for fields of the request and the answer, and ours."""

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts between the slashes, "" for a variable."""
        return tuple("" if _VARIABLE.fullmatch(part) else part for part in _parts(self.template))

    @property
    def variables(self) -> tuple[str, ...]:
        """Paths of the fields that the variables set, in order."""
        return tuple(_VARIABLE.findall(self.template))


@attrs.frozen
class Match:
    """A binding that a path leads to."""

    binding: Binding
    variables: Mapping[str, str]
    """Paths of fields and their values."""


class Bindings:
    """The paths of all RPCs.

    Where several fit, the one with the earlier literal segment is taken: `/v2/models/searches` is
    no model named "searches". Two RPCs that share verb and path are told apart by their names: the
    contract binds PatchRunners to POST, where PostRunners is. Of a list and a stream, the list
    comes first; a caller that accepts newline-delimited JSON gets the stream.

    Args:
        methods: RPCs with or without `google.api.http` options.
    """

    def __init__(self, methods: Iterable[Method]) -> None:
        self.all: list[Binding] = []
        self._root = _Node()
        by_name = {method.name: method for method in methods}
        for method in by_name.values():
            for binding in _described(method):
                self._add(binding)
        for name, verb, path, names in OTHER_PATHS:
            if name in by_name:
                self._add(Binding(by_name[name], verb, path, names))

    def find(self, verb: str, path: str, *, streams: bool = False) -> Match | None:
        """Return what a verb and path lead to, None when that is nothing.

        Args:
            verb: Such as `"GET"`.
            path: As in the request line, still percent-encoded, without the query.
            streams: Take the RPC that streams, where one that does and one that does not share
                the path.

        Raises:
            UnicodeDecodeError: What is encoded is not UTF-8.
        """
        for node, values in self._reached(path):
            found = node.bindings.get(verb.lower())
            if found:
                binding = _chosen(found, streams=streams)
                return Match(binding, dict(zip(binding.variables, values, strict=True)))
        return None

    def verbs(self, path: str) -> frozenset[str]:
        """Return the verbs that a path answers to, in upper case; none for an unknown path."""
        return frozenset(verb.upper() for node, _ in self._reached(path) for verb in node.bindings)

    def _reached(self, path: str) -> Iterator[tuple[_Node, list[str]]]:
        return self._root.reach([unquote(part, errors="strict") for part in _parts(path)])

    def _add(self, binding: Binding) -> None:
        self.all.append(binding)
        node = self._root
        for segment in binding.segments:
            node = node.children.setdefault(segment, _Node())
        node.bindings.setdefault(binding.verb, []).append(binding)


@attrs.define
class _Node:
    children: dict[str, _Node] = attrs.field(factory=dict)
    """By literal segment; "" is a variable."""
    bindings: dict[str, list[Binding]] = attrs.field(factory=dict)
    """By verb, of the path that ends here."""

    def reach(self, parts: Sequence[str]) -> Iterator[tuple[_Node, list[str]]]:
        """Yield where a path leads, with the values of its variables; literal segments first."""
        if not parts:
            yield self, []
            return
        first, rest = parts[0], parts[1:]
        if not first:
            return
        if first in self.children:
            yield from self.children[first].reach(rest)
        if "" in self.children:
            for node, values in self.children[""].reach(rest):
                yield node, [first, *values]


def _described(method: Method) -> Iterator[Binding]:
    for one in (method.http, *method.http.additional_bindings):
        verb = one.WhichOneof("pattern")
        if verb in VERBS:
            yield Binding(method, verb, getattr(one, verb))


def _chosen(found: Sequence[Binding], *, streams: bool) -> Binding:
    """Return the binding that is meant where several RPCs have the same verb and path."""

    def order(binding: Binding) -> tuple[bool, bool]:
        return (
            binding.method.server_streaming is not streams,
            _verb_of(binding.method.name) != binding.verb,
        )

    return min(found, key=order)


def _verb_of(rpc: str) -> str:
    """Return the verb that goes with the name of an RPC."""
    return next((verb for verb in VERBS if rpc.lower().startswith(verb)), "get")


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")
