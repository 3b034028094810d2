"""One kind of resource, described once, as data."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from clarifai_core.contracts import ResourceSpec
from clarifai_core.errors import PluginError
from clarifai_core.heavy import message_factory, resources_pb2
from clarifai_core.missing_plugins import why_not_there
from clarifai_core.plugins import plugins
from clarifai_core.suggestions import suggestion
from clarifai_core.transport import catalogue

if TYPE_CHECKING:
    from clarifai_core.transport.catalogue import Rpc


def _as_columns(given: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(path)) for name, path in given)


@attrs.frozen
class ResourceKind:
    """What the platform calls one kind of thing, and which methods handle it.

    RPC names follow from the name (`dataset_version` -> `GetDatasetVersion`,
    `ListDatasetVersions` ...), request fields and the repeated field of an answer from the
    descriptors; only what is irregular is said here.

    Example:
        >>> ResourceKind("dataset").rpc("list").name
        'ListDatasets'
    """

    name: str
    """Singular, in snake case: `"dataset_version"`."""
    in_app: bool = True
    """Whether an app holds it; else a user does."""
    parent: str = ""
    """The kind whose id addresses its collection: `"dataset"` for dataset versions."""
    rpc_names: Mapping[str, str] = attrs.field(factory=dict)
    """Verb (get, list, create, patch, delete) -> method, where the rule does not hold."""
    patch_action: Literal["merge", "overwrite", "remove"] = "merge"
    """What becomes of the fields that a change gives, unless it says so: some can be overwritten
    only."""
    columns: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_as_columns)
    """The columns of its tables, each with its path: `("version_id", "version.id")`, as
    `clarifai_core.records` reads it; empty: all scalar fields that are set."""

    @property
    def title(self) -> str:
        """Return the name of its message: `"DatasetVersion"`."""
        return _title(self.name)

    @property
    def message_class(self) -> type[Any]:
        """Return its protobuf class.

        Raises:
            PluginError: The installed clarifai-grpc no longer has it (modules).
        """
        descriptor = resources_pb2.DESCRIPTOR.message_types_by_name.get(self.title)
        if descriptor is None:
            catalogue.rpc(f"Get{self.title}")
            raise PluginError(f"The installed clarifai-grpc has no message {self.title}.")
        return message_factory.GetMessageClass(descriptor)

    def rpc(self, verb: str) -> Rpc:
        """Return the method for a verb: get, list, create, patch or delete."""
        prefix, ending = _VERBS[verb]
        return catalogue.rpc(self.rpc_names.get(verb) or f"{prefix}{self.title}{ending}")

    def id_field(self, verb: str) -> str:
        """Return the request field that holds the id, or the ids; `""` for an app's own."""
        return _id_field(self.rpc(verb).name, self.name)

    def message_field(self, verb: str) -> str:
        """Return the request field that holds the message or messages."""
        return _field_of_type(self.rpc(verb).request_class.DESCRIPTOR, self.title)

    def reply_field(self, verb: str) -> str:
        """Return the response field that holds the message or messages."""
        return _field_of_type(self.rpc(verb).response_class.DESCRIPTOR, self.title)


_VERBS = {
    "get": ("Get", ""),
    "list": ("List", "s"),
    "create": ("Post", "s"),
    "patch": ("Patch", "s"),
    "delete": ("Delete", "s"),
}


@functools.cache
def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@functools.cache
def _id_field(rpc_name: str, kind: str) -> str:
    known = catalogue.rpc(rpc_name).request_class.DESCRIPTOR.fields_by_name
    short = f"{kind.rpartition('_')[2]}_id"
    names = (f"{kind}_ids", "ids", f"{kind}_id", short)
    return next((name for name in names if name in known), "")


def _field_of_type(descriptor: Any, title: str) -> str:
    named = [f for f in descriptor.fields if f.message_type and f.message_type.name == title]
    named.sort(key=lambda field: not field.is_repeated)
    if not named:
        raise PluginError(f"{descriptor.name} has no field of type {title}.")
    return str(named[0].name)


def resource_spec(name: str) -> ResourceSpec:
    """Return what a plugin registered for a kind of resource.

    Raises:
        PluginError: No plugin did; the message names the extra to install.
    """
    spec = plugins().find("resources", name)
    if not isinstance(spec, ResourceSpec):
        why = why_not_there("resources", [name])
        near = "" if why else suggestion(name, [one.name for one in plugins().specs("resources")])
        hint = f" {why}." if why else near
        raise PluginError(f"No installed plugin brings {name!r}.{hint}")
    return spec


def kind_named(name: str) -> ResourceKind:
    """Return the kind that a plugin registered under `name`.

    Raises:
        PluginError: No installed plugin has it, or it is a handle without a kind of its own.

    Example:
        >>> kind_named("app").title
        'App'
    """
    spec = resource_spec(name)
    if not spec.kind:
        raise PluginError(f"{name!r} is no kind of resource that has ids, only a handle.")
    kind = spec.load(spec.kind)
    if not isinstance(kind, ResourceKind):
        owner = plugins().owner("resources", name)
        raise PluginError(
            f"The plugin {owner} names {spec.kind} as the kind of {name!r}: it must be a "
            f"clarifai_core.kinds.ResourceKind, not a {type(kind).__name__}{spec.remedy}."
        )
    return kind
