"""Keys that requests make: of one app, or personal access tokens with fewer scopes.

The id of a key is the key itself. `detail` of a row is the number of its app; whoever deletes an
app deletes its keys.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _paging
from clarifai_local._caller import EVERYTHING
from clarifai_local._clock import MICROSECONDS, timestamp
from clarifai_local._patching import check_action
from clarifai_local._permissions import APP_KEY, PAT, check_endpoints, with_depending
from clarifai_local._services.family import NewResource
from clarifai_local.statuses import Refused, invalid

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai_local._scope import AppScope
    from clarifai_local._services.family import FamilyCall
    from clarifai_local._services.family_rpcs import FamilyRpc
    from clarifai_local._store import ResourceRow
    from clarifai_local.auth import Caller

_TYPES = (APP_KEY, PAT)


def draft(call: FamilyCall, given: resources_pb2.Key) -> NewResource:
    """Return a new key.

    Raises:
        Refused: 11102, for an app or scope that there is not, or a type that asks for others;
            11007, for scopes that the caller has not.
    """
    _refuse_unknown(given)
    key_type = given.type or APP_KEY
    if key_type not in _TYPES:
        raise invalid(f"key type {key_type!r} is none of: {', '.join(_TYPES)}")
    made = resources_pb2.Key(id=secrets.token_hex(16), type=key_type, description=given.description)
    _permit(call, made, given)
    if given.HasField("expires_at"):
        made.expires_at.CopyFrom(given.expires_at)
    detail = ""
    if key_type == APP_KEY:
        app = _app(call, given)
        made.apps.add(user_id=app.user_id, id=app.app_id)
        detail = str(app.app)
    elif given.apps:
        raise invalid("apps: a personal access token is for all apps of its user")
    return NewResource(made, detail=detail)


def change(
    call: FamilyCall, row: ResourceRow, given: resources_pb2.Key, action: str
) -> ResourceRow:
    """Overwrite the description, the scopes and the end of a key.

    Raises:
        Refused: As for `draft`; 11102, for another type or app.
    """
    check_action(action, ("overwrite",))
    _refuse_unknown(given)
    kept = row.message(resources_pb2.Key)
    if given.type not in {"", kept.type}:
        raise invalid(f"type: a key stays of its type, {kept.type!r}")
    if given.apps and [app.id for app in given.apps] != [app.id for app in kept.apps]:
        raise invalid("apps: a key stays with its app: make another one")
    kept.description = given.description or kept.description
    if given.scopes or given.endpoints:
        _permit(call, kept, given)
    if given.HasField("expires_at"):
        kept.expires_at.CopyFrom(given.expires_at)
    return call.update(row, kept)


def show(_: FamilyCall, row: ResourceRow) -> resources_pb2.Key:
    """Return a key as answers show it."""
    key = row.message(resources_pb2.Key)
    key.created_at.CopyFrom(timestamp(row.created_at))
    return key


def list_wanted(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return the keys of a user that the request asks for, newest first."""
    with rpc.call(request, caller) as call:
        now_us = call.context.clock.now_us()
        keys = [show(call, row) for row in rpc.family.listed(call.store, call.db, call.key)]
    chosen = [key for key in keys if _wanted(key, request, now_us)]
    return rpc.several(_paging.page_range(request.page, request.per_page).of(chosen))


def list_of_app(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return the keys of an app, newest first."""
    app = rpc.context.scopes.app(request.user_app_id, caller)
    with rpc.call(request, caller) as call:
        rows = rpc.family.listed(call.store, call.db, call.key)
        keys = [show(call, row) for row in rows if row.detail == str(app.app)]
    return rpc.several(_paging.page_range(request.page, request.per_page).of(keys))


def _refuse_unknown(given: resources_pb2.Key) -> None:
    for name in ("authorized_idp_ids", "organization_id"):
        if getattr(given, name, ""):
            raise Refused(
                codes.NOT_IMPLEMENTED,
                f"the embedded platform does not honour {name} of a key: it has no organizations",
            )


def _permit(call: FamilyCall, made: resources_pb2.Key, given: resources_pb2.Key) -> None:
    """Give a key the scopes and endpoints that a request asks for."""
    scopes = with_depending(given.scopes)
    endpoints = check_endpoints(given.endpoints, made.type)
    if not (scopes or endpoints):
        raise invalid("scopes is empty: say what the key is good for, such as 'All'")
    if EVERYTHING not in call.caller.scopes:
        beyond = {*scopes} - call.caller.scopes | {*endpoints} - call.caller.endpoints
        if beyond:
            raise Refused(
                codes.CONN_INSUFFICIENT_SCOPES,
                f"the calling key itself is not good for {', '.join(sorted(beyond))}",
            )
    del made.scopes[:], made.endpoints[:]
    made.scopes.extend(scopes)
    made.endpoints.extend(endpoints)


def _app(call: FamilyCall, given: resources_pb2.Key) -> AppScope:
    if len(given.apps) > 1:
        raise invalid(f"apps: a key is for one app, not for {len(given.apps)}")
    of = resources_pb2.UserAppIDSet(
        user_id=call.scope.user_id, app_id=call.request.user_app_id.app_id
    )
    if given.apps:
        user_id = given.apps[0].user_id
        of.app_id = given.apps[0].id
        of.user_id = call.scope.user_id if user_id in {"", "me"} else user_id
    if not of.app_id:
        raise invalid(f"apps is empty: a key of type {APP_KEY!r} is for one app")
    return call.context.scopes.app(of, call.caller, write=True)


def _wanted(key: resources_pb2.Key, request: Any, now_us: int) -> bool:
    ends_us = key.expires_at.seconds * MICROSECONDS
    expired = key.HasField("expires_at") and ends_us <= now_us
    return (
        not (request.not_expired and expired)
        and set(request.scopes) <= set(key.scopes)
        and set(request.endpoints) <= set(key.endpoints)
        and request.type in {"", key.type}
    )
