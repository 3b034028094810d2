# Made of clarifai_resources._patches by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Changes of resources that exist: what `patch_app`, `patch_model` and their like send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_aio._core import ops
from clarifai_core.errors import UserError
from clarifai_core.wire.ids import check_id
from clarifai_resources._patches import _ACTIONS, _written_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_aio._core.handles import Handle
    from clarifai_core.kinds import ResourceKind
    from clarifai_core.ops import PatchAction
H = TypeVar("H", bound="Handle")


async def patched(
    handle: Handle,
    cls: type[H],
    kind: ResourceKind,
    resource_id: str,
    action: PatchAction,
    fields: Mapping[str, Any],
    **request_fields: Any,
) -> H:
    """Change a resource and return its handle, as the platform answers it.

    Args:
        handle: Whose scope it is in.
        cls: The class of its handle.
        kind: What it is.
        resource_id: Its id.
        action: What becomes of the fields that are given.
        fields: Fields of its message. `visibility` may be who sees it alone (`"PUBLIC"`, or its
            number), and `image_url` the address of its picture, as the official SDK takes them.
        **request_fields: Further fields of the request.

    Raises:
        UserError: An unknown action, nothing to change, or no such field; nothing was sent.
    """
    check_id(f"{kind.name}_id", resource_id)
    if action not in _ACTIONS:
        raise UserError(f"action must be one of {', '.join(_ACTIONS)}, got {action!r}.")
    if not fields:
        raise UserError(f"Nothing to change: give fields of the {kind.name}.")
    given = {**_written_out(fields), "id": resource_id}
    return cls.of(await ops.patch(handle, kind, given, action, **request_fields), handle)
