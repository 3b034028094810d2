"""What a key may do: each RPC names the scopes that it takes, in the wire contract itself.

A scope reads `Inputs:Get` in messages and `Inputs_Get` in the contract. `All` is every one of them.
A key may also be for single RPCs ("endpoints"), by their full names: `/clarifai.api.V2/GetInput`.
"""

from __future__ import annotations

import difflib
import functools
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.auth.scope import scope_pb2
from clarifai_grpc.grpc.auth.types import types_pb2
from clarifai_grpc.grpc.auth.util import extension_pb2

from clarifai_local._caller import EVERYTHING
from clarifai_local._methods import SERVICE
from clarifai_local.statuses import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf.descriptor import MethodDescriptor
    from google.protobuf.message import Message

    from clarifai_local._caller import Caller
    from clarifai_local._methods import Method

APP_KEY = "app_specific_key"
PAT = "personal_access_token"


@attrs.frozen
class RequiredScopes:
    """What a call of an RPC takes."""

    scopes: tuple[str, ...]
    of_any_key: bool
    """Whether a key of an app is enough; else it takes a personal access token."""


def permit(method: Method, caller: Caller) -> None:
    """Refuse a call that the caller's key is not good for.

    Raises:
        Refused: 11007, naming the scopes that are lacking.
    """
    if caller.app is None and EVERYTHING in caller.scopes:
        return
    needs = needs_of(method.name)
    if caller.app is not None and not needs.of_any_key:
        raise Refused(
            codes.CONN_INSUFFICIENT_SCOPES,
            f"{method.name} takes a personal access token, not the key of an app",
        )
    if EVERYTHING in caller.scopes or method.path in caller.endpoints:
        return
    lacking = [scope for scope in needs.scopes if scope not in caller.scopes]
    if lacking:
        raise Refused(
            codes.CONN_INSUFFICIENT_SCOPES,
            f"{method.name} takes a key with the scopes {', '.join(lacking)}",
        )


def confine(request: Any, caller: Caller) -> None:
    """Let a request of an app's key be about that app, when it does not say about which.

    Raises:
        Refused: 11008, when it is about another one.
    """
    if caller.app is None or "user_app_id" not in request.DESCRIPTOR.fields_by_name:
        return
    asked: resources_pb2.UserAppIDSet = request.user_app_id
    user_id, app_id = caller.app
    if asked.user_id not in {"", "me", user_id} or asked.app_id not in {"", app_id}:
        raise other_app(caller, f"{asked.user_id or user_id}/{asked.app_id}")
    asked.user_id, asked.app_id = user_id, app_id


def other_app(caller: Caller, asked: str) -> Refused:
    """Return the refusal of a key for an app that it is not for."""
    own = "/".join(caller.app or ())
    return Refused(codes.CONN_KEY_INVALID, f"the key is for the app {own!r}, not for {asked!r}")


@functools.cache
def needs_of(rpc: str) -> RequiredScopes:
    """Return what an RPC takes; one of another release of the contract takes a PAT for all."""
    described = SERVICE.methods_by_name.get(rpc)
    return (
        RequiredScopes((EVERYTHING,), of_any_key=False) if described is None else _needs(described)
    )


@functools.cache
def depending() -> Mapping[str, tuple[str, ...]]:
    """Return the scopes that keys can have, each with those that it goes with."""
    described = scope_pb2.DESCRIPTOR.enum_types_by_name["S"].values
    exposed = (v for v in described if v.GetOptions().Extensions[scope_pb2.clarfai_exposed])
    return {
        _on_wire(value.name): tuple(
            _on_wire(scope_pb2.S.Name(number))
            for number in value.GetOptions().Extensions[scope_pb2.clarifai_depending_scopes]
        )
        for value in exposed
    }


def endpoints(key_type: str) -> Mapping[str, tuple[str, ...]]:
    """Return the RPCs that keys of a type can call, by their full names, with their scopes."""
    found = {}
    for method in SERVICE.methods:
        needs = needs_of(method.name)
        if key_type == PAT or needs.of_any_key:
            found[f"/{SERVICE.full_name}/{method.name}"] = needs.scopes
    return found


def with_depending(scopes: Iterable[str]) -> list[str]:
    """Return scopes with those that they go with, each once, as messages write them.

    Raises:
        Refused: 11102, for a scope that there is not.

    Example:
        >>> with_depending(["Inputs:Add"])
        ['Inputs:Add', 'Inputs:Get']
    """
    known, found = depending(), dict[str, None]()
    waiting = [_on_wire(scope) for scope in scopes][::-1]
    while waiting:
        scope = waiting.pop()
        if scope in found:
            continue
        if scope not in known:
            raise invalid(f"there is no scope {scope!r}{_nearest(scope, known)}")
        found[scope] = None
        waiting += known[scope]
    return list(found)


def check_endpoints(given: Iterable[str], key_type: str) -> list[str]:
    """Return RPCs by their full names, each once.

    Raises:
        Refused: 11102, for one that there is not, or that keys of the type cannot call.
    """
    known, found = endpoints(key_type), dict.fromkeys(given)
    for endpoint in found:
        if endpoint not in known:
            near = _nearest(endpoint, known)
            raise invalid(f"a key of type {key_type!r} has no endpoint {endpoint!r}{near}")
    return list(found)


def _needs(described: MethodDescriptor) -> RequiredScopes:
    options: Message = described.GetOptions()
    numbers = options.Extensions[extension_pb2.cl_depending_scopes]  # type: ignore[index]
    kind = options.Extensions[extension_pb2.cl_auth_type]  # type: ignore[index]
    scopes = tuple(_on_wire(scope_pb2.S.Name(number)) for number in numbers)
    return RequiredScopes(scopes, of_any_key=kind in {types_pb2.KeyAuth, types_pb2.NoAuth})


def _on_wire(name: str) -> str:
    return name.replace("_", ":")


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f": did you mean {near[0]!r}?" if near else ""
