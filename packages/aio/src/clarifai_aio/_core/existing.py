# Made of clarifai_core.existing by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Handles of resources that exist already: what `app.model("x")` and its like do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_aio._core import ops
from clarifai_core.existing import _REACHED, _reached
from clarifai_core.existing import owner_of as owner_of
from clarifai_core.existing import scoped as scoped
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_aio._core.handles import Handle
    from clarifai_core.kinds import ResourceKind
H = TypeVar("H", bound="Handle")


async def existing(
    parent: Handle,
    cls: type[H],
    kind: ResourceKind,
    resource_id: str,
    fields: Mapping[str, Any],
    **request_fields: Any,
) -> H:
    """Return the handle of a resource, as the platform answers it now.

    Args:
        parent: The handle it is asked of.
        cls: The class of the handle.
        kind: What it is.
        resource_id: Its id.
        fields: `user_id` and `app_id`, `base_url`, `pat`, `token` and `root_certificates_path`,
            where they differ from the parent's; further fields of its message are set on the
            handle, in place of what the platform answers.
        **request_fields: Further fields of the Get request.

    Raises:
        UserError: The id is empty, or the message has no such field; nothing was sent.
        NotFound: It does not exist.
    """
    check_id(f"{kind.name}_id", resource_id)
    rest = dict(fields)
    app_id = resource_id if kind.name == "app" else rest.pop("app_id", "") or parent.app_id
    asked = _reached(parent, {name: rest.pop(name) for name in _REACHED if name in rest})
    owner = scoped(asked, rest.pop("user_id", "") or parent.user_id, app_id)
    given = fill(kind.message_class(), rest, kind.name.replace("_", " "))
    message = await ops.get(owner, kind, resource_id, **request_fields)
    for name in rest:
        message.ClearField(name)
    message.MergeFrom(given)
    return cls.of(message, owner)
