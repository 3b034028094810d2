"""Names that programs read on handles of the official SDK, but that its document leaves out.

They reach our handles through the plugin door (`plugin.py`); `BaseClient` has those of `Client`.
docs/inherited-names.md lists them.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from clarifai_compat import _field_values, _uploads
from clarifai_compat.auth_helper import ClarifaiAuthHelper
from clarifai_compat.stub import V2Stub
from clarifai_core.errors import UserError
from clarifai_core.heavy import protobuf_message, resources_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp
    from typing_extensions import Self

    from clarifai_core.handles import Handle

T = TypeVar("T")
Response = TypeVar("Response")


class own(Generic[T]):  # noqa: N801  why: it is used as `property` is
    """A computed attribute that an instance may replace by one of its own, as programs do."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: object, owner: type | None = None) -> T:
        if instance is None:
            return self  # type: ignore[return-value]
        return self._compute(instance)


class Client:
    """What has an `auth_helper`: credentials, stub and scope, each an attribute."""

    auth_helper: ClarifaiAuthHelper

    @own
    def STUB(self) -> V2Stub:  # noqa: N802  why: programs call it so
        """The RPCs of the platform."""
        return self.auth_helper.get_stub()

    @own
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The gRPC metadata that proves who calls."""
        return self.auth_helper.metadata

    @own
    def pat(self) -> str:
        """The personal access token in the clear, or `""`."""
        return self.auth_helper.pat

    @own
    def token(self) -> str:
        """The session token in the clear, or `""`."""
        return self.auth_helper.token

    @own
    def base(self) -> str:
        """The platform's address."""
        return self.auth_helper.base

    @own
    def root_certificates_path(self) -> str:
        """PEM file of the root certificates to trust, or `""`."""
        return self.auth_helper.settings.root_certificates_path

    @own
    def user_app_id(self) -> resources_pb2.UserAppIDSet:
        """The scope as a `UserAppIDSet` message."""
        return self.auth_helper.get_user_app_id_proto()

    @own
    def userDataObject(self) -> resources_pb2.UserAppIDSet:  # noqa: N802  why: its name in 9.x
        """The scope as a `UserAppIDSet` message."""
        return self.user_app_id

    @classmethod
    def from_env(cls, validate: bool = False) -> Self:
        """Return one whose credentials come from the environment or the context.

        Args:
            validate: Whether a missing user or missing credentials are refused at once.
        """
        return cls.from_auth_helper(ClarifaiAuthHelper.from_env(validate=validate))

    @classmethod
    def from_auth_helper(cls, auth: ClarifaiAuthHelper, **kwargs: Any) -> Self:
        """Return one with the address, credentials and scope of a helper.

        Args:
            auth: The helper.
            **kwargs: Further arguments of the class; those given count before the helper's. With a
                `url`, that names user and app.
        """
        given = {
            "user_id": auth.user_id,
            "app_id": auth.app_id,
            "pat": auth.pat,
            "token": auth._token,
            "base_url": kwargs.pop("base", "") or auth.base,
        }
        if auth._root_certificates_path:
            given["root_certificates_path"] = auth._root_certificates_path
        for name in _not_from_helpers(cls, kwargs):
            given.pop(name)
        named = {name: value for name, value in kwargs.items() if value or name not in given}
        return cls(**{**given, **named})

    def _grpc_request(self, method: Callable[..., Response], argument: Message) -> Response:
        """Return what a method of a stub answers, with whatever status."""
        return method(argument, metadata=self.auth_helper.metadata)

    def convert_string_to_timestamp(self, date_str: str) -> Timestamp:
        """Return the time of a text such as `"2024-05-01T10:00:00.5Z"`; empty where it is none."""
        return _field_values.timestamp(date_str)

    def process_response_keys(
        self, old_dict: dict[str, Any], listing_resource: str | None = None
    ) -> dict[str, Any]:
        """Return the fields of a message from its JSON, as constructors of messages take them.

        Args:
            old_dict: What `MessageToDict(..., preserving_proto_field_name=True)` returns.
            listing_resource: Its kind, such as `"model"`: then `id` becomes `model_id`.
        """
        return _field_values.arguments(old_dict, listing_resource or "")


def _not_from_helpers(cls: type, kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    if kwargs.get("url"):
        return ("user_id", "app_id")
    return ("app_id",) if getattr(cls, "kind", "") == "runner" else ()


class Inherited(Client):
    """What handles get; `self` is the handle."""

    @property
    def auth_helper(self: Any) -> ClarifaiAuthHelper:
        """Address, credentials and scope of the handle; setting it replaces the first two."""
        made_for = (self._settings, self._scope)
        held: tuple[Any, ClarifaiAuthHelper] | None = self.__dict__.get("_auth_helper")
        if held is None or held[0] != made_for:
            held = (made_for, ClarifaiAuthHelper.of(*made_for))
            self.__dict__["_auth_helper"] = held
        return held[1]

    @auth_helper.setter
    def auth_helper(self: Any, value: ClarifaiAuthHelper) -> None:
        if not isinstance(value, ClarifaiAuthHelper):
            raise UserError(f"auth_helper must be a ClarifaiAuthHelper, got {value!r}.")
        self._settings, self._held = value.settings, None
        self.__dict__["_auth_helper"] = ((value.settings, self._scope), value)

    @property
    def STUB(self: Any) -> V2Stub:  # noqa: N802  why: programs call it so
        """The RPCs of the platform; the handle's own requests do not go through one that is set."""
        found: V2Stub = self.__dict__.get("_stub") or V2Stub(self.session)
        return found

    @STUB.setter
    def STUB(self: Any, value: Any) -> None:  # noqa: N802  why: as above
        if V2Stub not in type(value).__mro__:
            warnings.warn(
                f"{type(self).__name__}.STUB is what this program calls; the handle's own requests "
                "go on through its session.",
                stacklevel=3,
            )
        self.__dict__["_stub"] = value

    @own
    def metadata(self: Any) -> CallMetadata:
        """The gRPC metadata that proves who calls; also the field `metadata`, while it is empty."""
        return CallMetadata.of(self)

    @own
    def kwargs(self: Any) -> dict[str, Any]:
        """The fields that have a value, by name, as constructors of messages take them."""
        message = self.message if _has_message(self) else None
        return {} if message is None else {"id": self.id, **_field_values.of(message)}

    @own
    def logger(self: Any) -> logging.Logger:
        """The logger of its kind: a child of `clarifai`."""
        return logging.getLogger(f"clarifai.client.{self.kind}")

    def list_pages_generator(
        self: Any,
        endpoint: Callable[..., Any] | str,
        proto_message: type[Any] | None = None,
        request_data: Mapping[str, Any] | None = None,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a listing as dicts: see `Lister.list_pages_generator`."""
        lister = self.child("user")
        found: Iterator[dict[str, Any]] = lister.list_pages_generator(
            endpoint, proto_message, request_data, page_no, per_page
        )
        return found


def _has_message(handle: Any) -> bool:
    return bool(handle._known_fields())


class CallMetadata(tuple[tuple[str, str], ...]):
    """The metadata of calls, where a resource has no metadata of its own: both in one.

    As a sequence it is the pairs that prove who calls, as gRPC takes them. By keys, and by the
    methods of a `Struct`, it is the resource's field, which is empty and can be filled.
    """

    _handle: Any

    @classmethod
    def of(cls, handle: Handle) -> Self:
        """Return those of a handle."""
        credentials = handle.settings.credentials
        made = cls(credentials.metadata() if credentials else ())
        made._handle = handle
        return made

    @property
    def _field(self) -> Any:
        fields = self._handle._known_fields()
        return self._handle.message.metadata if "metadata" in fields else {}

    def keys(self) -> Collection[str]:
        """Return the names of what the field holds."""
        found: Collection[str] = self._field.keys()
        return found

    def __getitem__(self, key: Any) -> Any:
        return self._field[key] if isinstance(key, str) else super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._field[key] = value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._field, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return CallMetadata.of, (self._handle,)

    def __repr__(self) -> str:
        return repr(tuple((name, "***") for name, _ in self))


Mapping.register(CallMetadata)  # where a field is wanted, it is one


class _Info(property):
    """`model_info` and its like: the handle's message; setting it replaces that."""

    def __init__(self) -> None:
        super().__init__(_message, _set_message, doc="The protobuf message of the resource.")


def _message(handle: Any) -> Message:
    found: Message = handle.message
    return found


def _set_message(handle: Any, value: Any) -> None:
    wanted = type(handle.message)
    if not isinstance(value, wanted):
        kind = type(value).__name__
        raise UserError(f"{handle.kind}_info must be a {wanted.__name__} message, got a {kind}.")
    handle._message = value


class InheritedByResources(Inherited):
    """What handles of one kind get besides."""

    app_info = _Info()
    dataset_info = _Info()
    model_info = _Info()
    module_info = _Info()
    runner_info = _Info()
    user_info = _Info()
    workflow_info = _Info()

    @own
    def input_object(self: Any) -> Handle:
        """The inputs of the dataset's app."""
        found: Handle = self.child("inputs")
        return found


class InheritedByInputs(Inherited):
    """What `Inputs` get besides."""

    @own
    def input_info(self) -> resources_pb2.Input:
        """An empty `Input` message."""
        return resources_pb2.Input()

    @classmethod
    def _get_proto(
        cls: Any,
        input_id: str,
        dataset_id: str | None = None,
        imagepb: Message | None = None,
        video_pb: Message | None = None,
        audio_pb: Message | None = None,
        text_pb: Message | None = None,
        geo_info: list[float] | None = None,
        labels: list[str] | None = None,
        label_ids: list[str] | None = None,
        metadata: Any = None,
    ) -> resources_pb2.Input:
        """Return an `Input` of messages that exist.

        Args:
            input_id: Its id; empty lets the platform choose one.
            dataset_id: The dataset it goes to.
            imagepb: `Image` message.
            video_pb: `Video` message.
            audio_pb: `Audio` message.
            text_pb: `Text` message.
            geo_info: [longitude, latitude] in degrees.
            labels: Names of concepts that it has.
            label_ids: Their ids, in the same order; else ids are made of the names.
            metadata: A dict or Struct.
        """
        options = {"labels": labels, "geo_info": geo_info, "metadata": metadata}
        given = {name: value for name, value in options.items() if value is not None}
        made: resources_pb2.Input = cls.get_text_input(input_id, "-", dataset_id, **given)
        made.data.ClearField("text")
        parts = {"image": imagepb, "video": video_pb, "audio": audio_pb, "text": text_pb}
        for name, part in parts.items():
            if isinstance(part, protobuf_message.Message):
                getattr(made.data, name).CopyFrom(part)
            elif part is not None:
                raise UserError(f"{name} must be a message, got {part!r}.")
        if label_ids is not None:
            _name_concepts(made, label_ids)
        return made

    def _bulk_upload(self: Any, inputs: list[resources_pb2.Input], batch_size: int = 128) -> None:
        """Send inputs, and wait until they are processed; failures are logged.

        Args:
            inputs: `Input` messages, however many.
            batch_size: Kept for programs that give it: requests hold 128, or less by size.
        """
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise UserError(f"batch_size must be a whole number above 0, got {batch_size!r}.")
        _uploads.upload_and_wait(self, inputs)

    def _upload_batch(self: Any, inputs: list[resources_pb2.Input]) -> list[resources_pb2.Input]:
        """Send inputs, wait until they are processed, and return those that failed."""
        return _uploads.upload_and_wait(self, inputs)

    def _wait_for_inputs(self: Any, input_job_id: str) -> bool:
        """Wait for an upload, up to half an hour; return whether it is processed."""
        return _uploads.wait(self, input_job_id)


def _name_concepts(made: resources_pb2.Input, label_ids: list[str]) -> None:
    concepts = made.data.concepts
    if len(label_ids) != len(concepts):
        raise UserError(f"There are {len(label_ids)} label_ids for {len(concepts)} labels.")
    for concept, label_id in zip(concepts, label_ids, strict=True):
        concept.id = label_id


class InheritedBySearch(Inherited):
    """What `Search` gets besides."""

    @own
    def metric_distance(self: Any) -> str:
        """The wire's name of the metric: `"COSINE_DISTANCE"` or `"EUCLIDEAN_DISTANCE"`."""
        return f"{self.metric.upper()}_DISTANCE"

    @own
    def data_proto(self) -> resources_pb2.Data:
        """An empty `Data` message."""
        return resources_pb2.Data()

    @own
    def inputs(self: Any) -> Handle:
        """The inputs of the app that is searched."""
        found: Handle = self.child("inputs")
        return found
