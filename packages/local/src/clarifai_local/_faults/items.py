"""A partial batch: some items of a request are refused, the others go on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf.message import Message

from clarifai_local._methods import Method
from clarifai_local.statuses import status

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api.status import status_pb2


BATCHES: dict[str, tuple[str, str]] = {
    "PatchAnnotations": ("annotations", "annotations"),
    "PatchInputs": ("inputs", "inputs"),
    "PostAnnotations": ("annotations", "annotations"),
    "PostInputs": ("inputs", "inputs"),
    "PostModelOutputs": ("inputs", "outputs"),
    "PostWorkflowResults": ("inputs", "results"),
}
"""RPCs whose answer has a status per item: the items' field in the request and in the answer."""

Chooser = Callable[[int, Any], bool]
"""`(position, item) -> whether it is refused`."""


def chooser(at: Collection[int] | None, every: int | None, ids: Collection[str] | None) -> Chooser:
    """Return what chooses items by exactly one of position, rhythm and id.

    Raises:
        ValueError: None or several of them are given, or `every` is not positive.
    """
    if sum(given is not None for given in (at, every, ids)) != 1:
        raise ValueError("give exactly one of at=, every= and ids= to say which items are refused")
    if at is not None:
        places = frozenset(at)
        return lambda position, _: position in places
    if ids is not None:
        names = frozenset([ids] if isinstance(ids, str) else ids)
        return lambda _, item: _id(item) in names
    if every is None or every < 1:
        raise ValueError(f"every must be at least 1, got {every}")
    return lambda position, _: (position + 1) % every == 0


def check(rpc: str) -> None:
    """Refuse an RPC whose answer has no status per item.

    Raises:
        ValueError: It names those that have.
    """
    if not any(fnmatchcase(name, rpc) for name in BATCHES):
        raise ValueError(
            f"{rpc} has no items that can be refused one by one; these have: {', '.join(BATCHES)}"
        )


@attrs.frozen
class AcceptedPart:
    """A request without its refused items, to be joined with the answer about the rest."""

    _method: Method
    _refused: dict[int, Message]
    """Items of the answer, by position."""
    nothing_left: bool
    """All items were refused: there is nothing to ask the handler."""

    def join(self, body: bytes) -> bytes:
        """Return the answer about the rest with the refused items at their places."""
        answer = self._method.response_type.FromString(body)
        field = getattr(answer, BATCHES[self._method.name][1])
        done = list(field)
        if not done and not self.nothing_left:
            return body  # the rest was refused as a whole
        del field[:]
        rest = iter(done)
        total = len(done) + len(self._refused)
        field.extend(self._refused.get(n) or next(rest) for n in range(total))
        failed = self.nothing_left or _code(answer) == codes.FAILURE
        req_id = answer.status.req_id  # type: ignore[attr-defined]
        whole = status(codes.FAILURE if failed else codes.MIXED_STATUS)
        whole.req_id = req_id
        answer.status.CopyFrom(whole)  # type: ignore[attr-defined]
        return answer.SerializeToString()


def split(
    method: Method, request: Message, choose: Chooser, refusal: status_pb2.Status
) -> AcceptedPart | None:
    """Take the chosen items out of `request`; None when there are none or it has no items."""
    names = BATCHES.get(method.name)
    if names is None:
        return None
    field = getattr(request, names[0])
    items = list(field)
    chosen = {n: item for n, item in enumerate(items) if choose(n, item)}
    if not chosen:
        return None
    item_type = getattr(method.response_type(), names[1]).add
    refused = {n: _answer(item_type(), item, refusal) for n, item in chosen.items()}
    del field[:]
    field.extend(item for n, item in enumerate(items) if n not in chosen)
    return AcceptedPart(method, refused, nothing_left=len(chosen) == len(items))


def _answer(made: Any, item: Any, refusal: status_pb2.Status) -> Message:
    """Return what the answer says about a refused item: which one it is, and its status."""
    for name in ("id", "input_id"):
        if name in made.DESCRIPTOR.fields_by_name and name in item.DESCRIPTOR.fields_by_name:
            setattr(made, name, getattr(item, name))
    if "input" in made.DESCRIPTOR.fields_by_name:
        made.input.id = _id(item)
    made.status.CopyFrom(refusal)
    answer: Message = made
    return answer


def _id(item: Any) -> str:
    return str(item.id if "id" in item.DESCRIPTOR.fields_by_name else item.input.id)


def _code(answer: Any) -> int:
    return int(answer.status.code)
