"""What core asks of a kind of resource and its handle."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from clarifai_core import ops
from clarifai_core.errors import ApiError, ClarifaiError, NotFound, NotSupported, PluginError
from clarifai_core.handles import Handle
from clarifai_core.kinds import ResourceKind, kind_named
from clarifai_core.lazy import load_target
from clarifai_core.safe_text import failure
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, check, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from clarifai_local import Platform

PAT = "c0nf0rm4nce7e5tk3y"
HANDLE = ["test_target_is_a_handle", "test_handle_says_its_kind"]
KIND = ["test_kind_is_a_resource_kind", "test_kind_is_on_the_wire"]


class ResourceContract(SpecContract):
    """A kind of resource: a handle that names without sending, and opens what is there.

    Say `plugin`, `name`, and the `fields` that one is created with. What the embedded platform does
    not implement is skipped, unless the plugin brings a service for it.
    """

    hook = "clarifai_register_resources"
    resource_id: ClassVar[str] = "conformance"
    fields: ClassVar[Mapping[str, Any]] = {}

    def parent(self, clarifai_app: str) -> Handle:
        """Return what holds resources of the kind; by default an app, or a user."""
        spec = self.spec
        kind = kind_named(self.name) if spec.kind else None
        user = User()
        return user.app(clarifai_app) if kind is None or kind.in_app else user

    def _kind(self) -> ResourceKind:
        if not self.spec.kind:
            pytest.skip("the spec names no kind: there is nothing with an id")
        try:
            return kind_named(self.name)
        except PluginError:
            pytest.skip("test_kind_is_a_resource_kind says what to mend first")

    def _named(self, platform: Platform, **more: Any) -> Handle:
        made: Handle = self.target(
            self.resource_id, user_id="me", app_id="test-app", base_url=platform.url, **more
        )
        return made

    def _created(self, parent: Handle) -> Message:
        fields = {"id": self.resource_id, **self.fields}
        try:
            return ops.create(parent, self._kind(), fields)
        except (NotSupported, ApiError) as error:
            if _is_missing(error):
                pytest.skip(f"the embedded platform does not implement it: {error}")
            raise

    @check()
    def test_target_is_a_handle(self) -> None:
        """Its target is a subclass of Handle."""
        target = self.target
        if not (isinstance(target, type) and issubclass(target, Handle)):
            wrong(
                f"{self.title}: {self.spec.target} must be a subclass of "
                f"clarifai_core.handles.Handle, not a {type(target).__name__}."
            )

    @check(after=["test_target_is_a_handle"])
    def test_handle_says_its_kind(self) -> None:
        """The class attribute `kind` is the name in the spec."""
        if self.target.kind != self.name:
            wrong(
                f"{self.title}: {self.target.__name__}.kind is {self.target.kind!r}: it must be "
                f"{self.name!r}, as it is registered."
            )

    @check()
    def test_kind_is_a_resource_kind(self) -> None:
        """`kind` of the spec names a ResourceKind."""
        where = self.spec.kind
        if not where:
            pytest.skip("the spec names no kind: there is nothing with an id")
        try:
            found = load_target(where)
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(f"{self.title}: its kind {where} cannot be imported: {failure(error)}.")
        if not isinstance(found, ResourceKind):
            wrong(
                f"{self.title}: {where} must be a clarifai_core.kinds.ResourceKind, not a "
                f"{type(found).__name__}."
            )

    @check(after=["test_kind_is_a_resource_kind"])
    def test_kind_is_on_the_wire(self) -> None:
        """The platform has a message of the kind, and methods to get and list it."""
        kind = self._kind()
        try:
            kind.message_class()
            for verb in ("get", "list"):
                kind.rpc(verb)
        except ClarifaiError as error:
            wrong(
                f"{self.title}: the wire has no kind {kind.name!r} ({error}): correct "
                "ResourceKind(name), or its rpc_names."
            )

    @check(after=HANDLE)
    def test_naming_one_sends_nothing(self, clarifai_platform: Platform) -> None:
        """`Kind("id")` is a name; only what it is asked for is sent."""
        self._named(clarifai_platform)
        if clarifai_platform.recorder.count():
            called = ", ".join(clarifai_platform.recorder.counts())
            wrong(f"{self.title}: naming one calls {called}: send nothing in __init__.")

    @check(after=HANDLE)
    def test_handle_has_its_ids(self, clarifai_platform: Platform) -> None:
        """The handle has the id, the user and the app that it was named with."""
        made = self._named(clarifai_platform)
        found = (made.id, made.user_id, made.app_id)
        if found != (self.resource_id, "me", "test-app"):
            wrong(
                f"{self.title}: a handle of ({self.resource_id!r}, 'me', 'test-app') has the ids "
                f"{found}: hand all arguments to Handle.__init__."
            )

    @check(after=HANDLE)
    def test_shows_no_key(self, clarifai_platform: Platform) -> None:
        """Neither repr nor str has the key."""
        made = self._named(clarifai_platform, pat=PAT)
        if PAT in repr(made) or PAT in str(made):
            wrong(f"{self.title}: repr() or str() of a handle shows the key: leave it out.")

    @check(after=[*HANDLE, "test_handle_has_its_ids"])
    def test_can_be_pickled(self, clarifai_platform: Platform) -> None:
        """A handle travels to other processes."""
        made = self._named(clarifai_platform)
        try:
            again = pickle.loads(pickle.dumps(made))  # noqa: S301  why: made in the line itself
        except Exception as error:  # noqa: BLE001  why: pickle raises what it meets
            wrong(
                f"{self.title}: a handle cannot be pickled ({failure(error)}): leave locks and "
                "files out in __getstate__."
            )
        if type(again) is not type(made) or again.id != made.id:
            wrong(f"{self.title}: a pickled handle comes back as {again!r}, not as {made!r}.")

    @check(after=[*HANDLE, *KIND, "test_handle_has_its_ids"])
    def test_is_opened_by_name(self, clarifai_app: str) -> None:
        """What was created is opened by the name of the kind, and is its handle."""
        parent = self.parent(clarifai_app)
        self._created(parent)
        opened = parent.open(self.name, self.resource_id)
        if type(opened) is not self.target or opened.id != self.resource_id:
            wrong(
                f"{self.title}: opening {self.resource_id!r} gives {opened!r} instead of a "
                f"{self.target.__name__} with that id."
            )

    @check(after=[*HANDLE, *KIND])
    def test_what_is_missing_is_not_found(self, clarifai_app: str) -> None:
        """What is not there is NotFound."""
        parent = self.parent(clarifai_app)
        self._created(parent)
        try:
            parent.open(self.name, "no-such-one")
        except NotFound:
            return
        except ClarifaiError as error:
            wrong(f"{self.title}: opening what is not there says {error}: it must be NotFound.")
        wrong(f"{self.title}: opening what is not there succeeds: it must be NotFound.")

    @check(after=EVERY)
    def test_is_listed_until_it_is_deleted(self, clarifai_app: str) -> None:
        """Created, listed, deleted, gone."""
        parent, kind = self.parent(clarifai_app), self._kind()
        self._created(parent)
        if self.resource_id not in ops.pager(parent, kind, _id_of).all():
            wrong(f"{self.title}: what was created is not listed.")
        ops.delete(parent, kind, [self.resource_id])
        if self.resource_id in ops.pager(parent, kind, _id_of).all():
            wrong(f"{self.title}: what was deleted is still listed.")


def _is_missing(error: ClarifaiError) -> bool:
    return isinstance(error, NotSupported)


def _id_of(message: Any) -> str:
    return str(message.id)
