"""The Runner messages of 10.1 and of 12.x, which use the same field numbers for different things.

    message                       10.1                         12.x
    GetRunnerRequest              2 runner_id                  2 nodepool_id, 3 runner_id
    ListRunnersRequest            2 page, 3 per_page           2 nodepool_id, 3 page, 4 per_page
    DeleteRunnersRequest          2 ids                        2 nodepool_id, 3 ids
    ListRunnerItemsRequest        2 runner_id                  2 nodepool_id, 3 runner_id
    PostRunnerItemOutputsRequest  2 runner_id, 3 item_id,      2 nodepool_id, 3 runner_id,
                                  4 outputs                    4 runner_item_id, 5 outputs
    RunnerItem                    3 post_model_outputs_request 3 processing_info,
                                                               4 post_model_outputs_request
    Runner                        6 user_id                    -

A request says by its shape which of the two wrote it; the answer is in the same. Where both could
have written it (a nodepool without a runner), it is read as 10.1: for 12.x it would be incomplete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from clarifai_local._caller import OWNER
from clarifai_local._wire_versions.wire import (
    DELIMITED,
    VARINT,
    Field,
    NotFields,
    join,
    renumber,
    split,
)

Fields = Sequence[Field]

_REPEATED = 2
"""Number of the repeated field in all answers here."""


@attrs.frozen
class Translation:
    """How an RPC of 10.1 becomes one of 12.x, and back."""

    is_old: Callable[[Fields], bool]
    """Whether a request is of 10.1."""
    numbers: Mapping[int, int]
    """Field numbers of a request: those of 10.1 to those of 12.x."""
    answer: Callable[[bytes, Fields], bytes] | None = None
    """`(answer, request)`, both as 12.x has them, to that of 10.1; None when it is the same."""

    def understand(self, payload: bytes) -> tuple[bytes, Callable[[bytes], bytes] | None]:
        """Return a request as 12.x has it, and what its answer must go through; see the package."""
        try:
            fields = split(payload)
        except NotFields:
            return payload, None
        if not self.is_old(fields):
            return payload, None
        translated = renumber(fields, self.numbers)
        answer = self.answer
        restore = None if answer is None else lambda body: answer(body, translated)
        return join(translated), restore


def _only_second(fields: Fields) -> bool:
    """Field 2, and none of those that 12.x has behind it."""
    numbers = {field.number for field in fields}
    return 2 in numbers and not numbers & {3, 4}


def _page_second(fields: Fields) -> bool:
    """Field 2 is a number: clients of 10.1 always name a page, 12.x has a text there."""
    return any(field.number == 2 and field.kind == VARINT for field in fields)


def _outputs_fourth(fields: Fields) -> bool:
    """Field 4 holds messages, not an id; 12.x has its outputs in 5."""
    if any(field.number > 4 for field in fields):
        return False
    return any(field.number == 2 for field in fields) and all(
        _is_output(field.body) for field in fields if field.number == 4
    )


def _is_output(body: bytes) -> bool:
    try:
        return all((field.number, field.kind) == (1, DELIMITED) for field in split(body))
    except NotFields:
        return False


def _with_user(body: bytes, request: Fields) -> bytes:
    def add(runner: bytes) -> bytes:
        return join([*split(runner), Field(6, DELIMITED, _user_id(request).encode())])

    return _each(body, add)


def _with_request_third(body: bytes, _: Fields) -> bytes:
    return _each(body, _old_item)


def _old_item(item: bytes) -> bytes:
    return join(renumber((field for field in split(item) if field.number in {1, 2, 4}), {4: 3}))


def _each(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return join(
        field.mapped(change) if field.number == _REPEATED else field for field in split(body)
    )


def _user_id(request: Fields) -> str:
    given = [
        part.body.decode()
        for field in request
        if field.number == 1
        for part in split(field.body)
        if part.number == 1
    ]
    return OWNER if not given or given[-1] in {"", "me"} else given[-1]


TRANSLATIONS: Mapping[str, Translation] = {
    "GetRunner": Translation(_only_second, {2: 3}, _with_user),
    "ListRunners": Translation(_page_second, {2: 3, 3: 4}, _with_user),
    "DeleteRunners": Translation(_only_second, {2: 3}),
    "ListRunnerItems": Translation(_only_second, {2: 3}, _with_request_third),
    "PostRunnerItemOutputs": Translation(_outputs_fourth, {2: 3, 3: 4, 4: 5}),
}
"""By RPC. PostRunners is the same in both, but for the runners' `user_id`."""
