"""Handles of resources that exist already: what `app.model("x")` and its like do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from clarifai_core import ops
from clarifai_core.scope import Scope
from clarifai_core.settings import Settings
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_core.handles import Handle
    from clarifai_core.kinds import ResourceKind

H = TypeVar("H", bound="Handle")

_REACHED = ("base_url", "pat", "token", "root_certificates_path")
"""What programs hand on beside the ids, as in `user.app("x", pat=PAT)`."""


def existing(
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
    message = ops.get(owner, kind, resource_id, **request_fields)
    for name in rest:
        message.ClearField(name)
    message.MergeFrom(given)
    return cls.of(message, owner)


def _reached(handle: H, given: Mapping[str, Any]) -> H:
    """Return a handle like `handle` for another key or address; with neither, the same one."""
    given = {name: value for name, value in given.items() if value}
    if not given:
        return handle
    kept = handle._settings
    same = {name: getattr(kept, name) for name in ("base_url", "user_id", "app_id",
            "root_certificates_path", "timeout_seconds")}  # fmt: skip
    found = Settings.resolve(**{**same, **given})
    if found.endpoint == kept.endpoint and not given.keys() & {"pat", "token"}:
        found = attrs.evolve(found, credentials=kept.credentials, finds_key=kept.finds_key)
    made = type(handle).__new__(type(handle))
    made.__dict__.update(handle.__dict__)
    made._settings, made._held = found, None
    return made


def scoped(handle: H, user_id: str, app_id: str) -> H:
    """Return a handle like `handle` that is about another user or app.

    Raises:
        UserError: An id is no text, or empty.
    """
    check_id("user_id", user_id or handle.user_id or "me")
    made = type(handle).__new__(type(handle))
    made.__dict__.update(handle.__dict__)
    made._scope = Scope(user_id, app_id)
    return made


def owner_of(handle: Handle) -> str:
    """Return the id of the user that holds a resource, to be written into what is sent.

    That is the platform's own id where it is known: `"me"` is understood as the scope of a request
    only.

    Args:
        handle: Whose `user_id` may be `"me"`.

    Example:
        >>> from clarifai_resources.user import User
        >>> app = User("me").create_app("owned")
        >>> app.user_id, owner_of(app)
        ('me', 'local')
    """
    message = handle._message
    return getattr(message, "user_id", "") or handle.user_id
