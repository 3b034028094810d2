"""What the RPCs of families have in common: what happens between a request and its answer.

Each is a plain function `(rpc, request, caller)`; a family's record in `families` names those that
answer for it, and functions of its own where these do not fit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_local import _listing, _paging, _patching
from clarifai_local._context import ServiceContext
from clarifai_local._scope import AppScope
from clarifai_local._services.family import Family, FamilyCall, add, has_field
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from google.protobuf.message import Message

    from clarifai_local._methods import Method
    from clarifai_local.auth import Caller


@attrs.frozen(eq=False)
class FamilyRpc:
    """One RPC of a family, on one platform."""

    family: Family[Any]
    context: ServiceContext
    answer: type[Any]
    """The message that answers it."""
    families: Mapping[str, Family[Any]]
    """All families, by kind."""

    @contextlib.contextmanager
    def call(self, request: Any, caller: Caller, *, write: bool = False) -> Iterator[FamilyCall]:
        """A read or write block in which the request is answered.

        Raises:
            Refused: The app, or what the resources belong to, does not exist or cannot be changed.
        """
        family, store = self.family, self.context.store
        scope = family.owner(self.context.scopes, request.user_app_id, caller, write=write)
        with store.write() if write else store.read() as db:
            if write:
                self.context.scopes.require(db, scope)
            call = FamilyCall(family, self.context, db, caller, scope, request, self.families)
            if family.parent is not None:
                above = call.about(family.parent.kind)
                find = family.parent.to_change if write else family.parent.to_read
                parent = find(above, getattr(request, family.parent.id_field))
                call = attrs.evolve(call, parent=parent)
            yield call

    def one(self, message: Message) -> Message:
        """Return the answer that holds one resource."""
        answer: Message = self.answer(**{self.family.kind: message})
        return answer

    def several(self, messages: Iterable[Message]) -> Message:
        """Return the answer that holds a list of resources."""
        answer: Message = self.answer(**{self.family.plural: messages})
        return answer

    def nothing(self) -> Message:
        """Return the answer that holds nothing but its status."""
        answer: Message = self.answer()
        return answer


def post(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Create resources: all or none."""
    return rpc.several(created(rpc, request, caller))


def created(rpc: FamilyRpc, request: Any, caller: Caller) -> list[Message]:
    """Create the resources of a request, all or none, and return them as answers show them."""
    family = rpc.family
    with rpc.call(request, caller, write=True) as call:
        given = getattr(request, family.plural)
        if not given:
            raise invalid(f"{family.plural} is empty: send at least one to create")
        rows = [add(call, item) for item in given]
        return [family.show(call, row) for row in rows]


def get(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return a resource."""
    with rpc.call(request, caller) as call:
        row = rpc.family.to_read(call, getattr(request, rpc.family.id_field))
        return rpc.one(rpc.family.show(call, row))


def list_sorted(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return resources as the request sorts and searches them; newest first by itself."""
    with rpc.call(request, caller) as call:
        rows = rpc.family.listed(call.store, call.db, call.key)
        return rpc.several(_listing.select(rows, request, lambda row: rpc.family.show(call, row)))


def list_everywhere(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return resources of an app, of all apps of a user, or all public ones; see `list_sorted`."""
    family, store = rpc.family, rpc.context.store
    keys = rpc.context.scopes.keys(request.user_app_id, caller)
    with store.read() as db:
        call = FamilyCall(family, rpc.context, db, caller, _ANY_SCOPE, request, rpc.families)
        rows = [row for key in keys for row in family.listed(store, db, key)]
        return rpc.several(_listing.select(rows, request, lambda row: family.show(call, row)))


def list_newest_first(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Return resources, newest first."""
    with rpc.call(request, caller) as call:
        wanted = _paging.page_range(request.page, request.per_page)
        rows = rpc.family.listed(call.store, call.db, call.key, call.parent_id, wanted)
        return rpc.several([rpc.family.show(call, row) for row in rows])


def patch(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Change resources: all or none."""
    family = rpc.family
    with rpc.call(request, caller, write=True) as call:
        action = _patching.check_action(request.action)
        rows = [
            family.change(call, family.to_change(call, given.id), given, action)
            for given in getattr(request, family.plural)
        ]
        return rpc.several([family.show(call, row) for row in rows])


def delete(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Delete resources with what hangs on them: all or none."""
    field = f"{rpc.family.kind}_ids"
    field = field if has_field(request, field) else "ids"
    with rpc.call(request, caller, write=True) as call:
        unwanted = dict.fromkeys(getattr(request, field))
        if not unwanted:
            raise invalid(f"{field} is empty: name the {rpc.family.noun}s to delete")
        for resource_id in unwanted:
            _remove(call, resource_id)
    return rpc.nothing()


def delete_some(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Delete resources: those that are named, or all of an app (`delete_all`)."""
    if not request.delete_all:
        return delete(rpc, request, caller)
    refuse_ids_beside_all(request)
    with rpc.call(request, caller, write=True) as call:
        for row in rpc.family.listed(call.store, call.db, call.key):
            rpc.family.remove(call, row)
    return rpc.nothing()


def refuse_ids_beside_all(request: Any) -> None:
    """Refuse a request that asks for everything and names something.

    Raises:
        Refused: 11102.
    """
    if request.ids:
        raise invalid("delete_all: send it or ids, not both at a time")


def delete_one(rpc: FamilyRpc, request: Any, caller: Caller) -> Message:
    """Delete a resource with what hangs on it."""
    with rpc.call(request, caller, write=True) as call:
        _remove(call, getattr(request, rpc.family.id_field))
    return rpc.nothing()


def handlers(
    context: ServiceContext, families: Sequence[Family[Any]], methods: Iterable[Method]
) -> dict[str, Callable[[Any, Caller], Message]]:
    """Return what answers the RPCs of families on a platform, by name of the RPC.

    Args:
        context: The platform's parts.
        families: The table.
        methods: The RPCs of the service.
    """
    answers = {method.name: method.response_type for method in methods}
    known = {family.kind: family for family in families}
    return {
        name: _bound(answer, FamilyRpc(family, context, answers[name], known))
        for family in families
        for name, answer in family.rpcs.items()
    }


_ANY_SCOPE = AppScope("", "", 0, "", writable=False)


def _remove(call: FamilyCall, resource_id: str) -> None:
    call.family.remove(call, call.family.to_change(call, resource_id))


def _bound(answer: Callable[..., Message], rpc: FamilyRpc) -> Callable[[Any, Caller], Message]:
    return lambda request, caller: answer(rpc, request, caller)
