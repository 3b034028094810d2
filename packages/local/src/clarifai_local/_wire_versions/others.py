"""RPCs of other releases of the contract, which the installed one does not know.

Those about modules are answered (`module_contract`). Of the rest, old or new, the platform
implements none: they are here by name, to answer "not implemented" as every RPC without a handler
does, where a client would see a gRPC error otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2
from clarifai_grpc.grpc.api.utils import extensions_pb2
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    empty_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
)

from clarifai_local._methods import HTTP_RULE
from clarifai_local._wire_versions import module_contract as contract

if TYPE_CHECKING:
    from collections.abc import Collection

    from google.protobuf.descriptor import FileDescriptor, MethodDescriptor
    from google.protobuf.message import Message

RPC_NAMES = (
    # until 12.0
    "DeleteAnnotationSearchMetrics",
    "GetAnnotationSearchMetrics",
    "ListAnnotationSearchMetrics",
    "ListTrendingMetricsViews",
    "PostAnnotationSearchMetrics",
    "PostConceptMappingJobs",
    "PostTrendingMetricsView",
    "PostWorkflowResultsSimilarity",
    # until 12.1
    "DeleteCollectors",
    "GetCollector",
    "ListCollectors",
    "PatchCollectors",
    "PostCollectors",
    "PostStatValues",
    "PostStatValuesAggregate",
    # since 12.6
    "ListPipelineTemplates",
    "PostNodepoolStatus",
    "PostPipelineVersionRunFromTemplate",
    "PostRunnerReplicaTaskMetrics",
)
"""RPCs that are in some releases only, besides those about modules."""

_PACKAGE = "clarifai.api"
_SERVICE = "OtherReleases"
_LABELS = {
    False: descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
    True: descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED,
}


def has_modules() -> bool:
    """Return whether the installed release knows modules."""
    return "Module" in resources_pb2.DESCRIPTOR.message_types_by_name


def methods() -> list[MethodDescriptor]:
    """Return the RPCs of other releases that the installed one lacks."""
    return list(_file().services_by_name[_SERVICE].methods)


@cache
def module_message(name: str) -> type[Message]:
    """Return the class of a message about modules, of the installed release where it has it."""
    for known in (resources_pb2, service_pb2):
        described = known.DESCRIPTOR.message_types_by_name.get(name)
        if described is not None:
            return message_factory.GetMessageClass(described)
    return message_factory.GetMessageClass(_file().message_types_by_name[name])


def describe(known: Collection[str], *, with_modules: bool) -> descriptor_pb2.FileDescriptorProto:
    """Return what an installed release lacks, as a file of its own.

    Args:
        known: Names of the RPCs that it has.
        with_modules: Whether it lacks the messages about modules.
    """
    described = descriptor_pb2.FileDescriptorProto(
        name="clarifai/local/other_releases.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[file.name for file in _NEEDED],
    )
    wanted = [_bare(name) for name in RPC_NAMES]
    if with_modules:
        described.message_type.extend(module_messages())
        wanted += module_rpcs()
    described.service.add(name=_SERVICE, method=(rpc for rpc in wanted if rpc.name not in known))
    return described


def module_messages() -> list[descriptor_pb2.DescriptorProto]:
    """Return the messages of `module_contract`, described as protobuf does."""
    return _Messages(contract.MESSAGES).made


def module_rpcs() -> list[descriptor_pb2.MethodDescriptorProto]:
    """Return the RPCs of `module_contract`, described as protobuf does."""
    made: list[descriptor_pb2.MethodDescriptorProto] = []
    for line in contract.RPCS.strip().splitlines():
        if line.startswith(" "):
            _add_path(made[-1], *line.split())
        else:
            name, _, answer = line.partition(" -> ")
            made.append(
                descriptor_pb2.MethodDescriptorProto(
                    name=name,
                    input_type=f".{_PACKAGE}.{name}Request",
                    output_type=f".{_PACKAGE}.{answer}",
                )
            )
    return made


_NEEDED = (
    HTTP_RULE.file,
    *(
        module.DESCRIPTOR
        for module in (
            empty_pb2,
            extensions_pb2,
            resources_pb2,
            service_pb2,
            status_pb2,
            struct_pb2,
            timestamp_pb2,
        )
    ),
)


@cache
def _file() -> FileDescriptor:
    known = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name
    described = describe(known, with_modules=not has_modules())
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(described.SerializeToString())
    return pool.FindFileByName(described.name)


def _bare(name: str) -> descriptor_pb2.MethodDescriptorProto:
    return descriptor_pb2.MethodDescriptorProto(
        name=name,
        input_type=f".{empty_pb2.Empty.DESCRIPTOR.full_name}",
        output_type=f".{status_pb2.BaseResponse.DESCRIPTOR.full_name}",
    )


def _add_path(rpc: descriptor_pb2.MethodDescriptorProto, verb: str, path: str) -> None:
    rule = rpc.options.Extensions[HTTP_RULE]
    if rule.WhichOneof("pattern"):
        rule = rule.additional_bindings.add()
    setattr(rule, verb, path.replace("APP", contract.APP))
    if verb != "get":
        rule.body = "*"


class _Messages:
    """Reads the text of messages, a line at a time."""

    def __init__(self, text: str) -> None:
        self.made: list[descriptor_pb2.DescriptorProto] = []
        self._open: list[descriptor_pb2.DescriptorProto] = []
        self._own: dict[str, str] = {}
        for line in text.strip().splitlines():
            words = line.strip().rstrip(";").split()
            if words[0] == "message":
                self._begin(words[1])
            elif words[0] == "}":
                self._open.pop()
            else:
                self._field(words)

    def _begin(self, name: str) -> None:
        home = self._open[-1].nested_type if self._open else self.made
        message = descriptor_pb2.DescriptorProto(name=name)
        home.append(message)
        self._open.append(home[-1])
        self._own[name] = ".".join(("", _PACKAGE, *(outer.name for outer in self._open)))

    def _field(self, words: list[str]) -> None:
        repeated = words[0] == "repeated"
        kind, name, _, number, *options = words[repeated:]
        field = self._open[-1].field.add(name=name, number=int(number), label=_LABELS[repeated])
        scalar = f"TYPE_{kind.upper()}"
        if scalar in descriptor_pb2.FieldDescriptorProto.Type.keys():  # noqa: SIM118 - an enum
            field.type = descriptor_pb2.FieldDescriptorProto.Type.Value(scalar)
        else:
            field.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
            field.type_name = self._full_name(kind)
        self._set_options(field, [option.strip("[];") for option in options])

    def _full_name(self, name: str) -> str:
        if name.startswith("google."):
            return f".{name}"
        return self._own.get(name, f".{_PACKAGE}.{name}")

    def _set_options(self, field: descriptor_pb2.FieldDescriptorProto, options: list[str]) -> None:
        if options[:1] == ["oneof"]:
            message = self._open[-1]
            if options[1] not in [oneof.name for oneof in message.oneof_decl]:
                message.oneof_decl.add(name=options[1])
            field.oneof_index = [oneof.name for oneof in message.oneof_decl].index(options[1])
        elif options == ["deprecated"]:
            field.options.deprecated = True
        elif options == ["show_if_empty"]:
            field.options.Extensions[extensions_pb2.cl_show_if_empty] = True
