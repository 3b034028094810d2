"""Write down which keyword arguments handles take, for editors and type checkers.

They are the fields of messages, as plain values; see `clarifai_core.wire.messages.fill`. After an
upgrade of clarifai-grpc:

    uv run python -m tools.keywords
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from tools.handle_fields import field_type
from tools.wheels import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor


@attrs.frozen
class Keywords:
    """One TypedDict."""

    name: str
    help: str
    message: str = ""
    """The message whose fields it has."""
    without: tuple[str, ...] = ()
    """Fields that are parameters of their own."""
    bases: tuple[str, ...] = ("TypedDict",)
    more: tuple[tuple[str, str], ...] = ()
    """Further keys and their types."""


@attrs.frozen
class KeywordsFile:
    """A file of them."""

    path: str
    classes: tuple[Keywords, ...]

    @property
    def place(self) -> Path:
        """Return where it is."""
        return ROOT / self.path


_OF_HANDLE = ("id", "user_id", "app_id")
_VERSION_OF_MODEL = (("model_version", "resources_pb2.ModelVersion | Mapping[str, Any]"),)
_MORE_OF_MODEL = (
    ("output_config", "resources_pb2.OutputConfig | Mapping[str, Any]"),
    *(
        (name, "str | None")
        for name in ("compute_cluster_id", "nodepool_id", "deployment_id", "deployment_user_id")
    ),
)
_DESCRIPTION = (("description", "str"),)


def _values(name: str, without: tuple[str, ...] = ()) -> Keywords:
    what = re.sub(r"(?<!^)([A-Z])", r" \1", name).lower()
    return Keywords(f"{name}Values", f"Fields of a new {what}.", name, (*_OF_HANDLE, *without))


def _arguments(
    name: str, owner: tuple[str, ...], more: tuple[tuple[str, str], ...] = ()
) -> Keywords:
    bases = ("ConnectionArguments", *owner, f"{name}Values")
    return Keywords(f"{name}Arguments", f"What `{name}` takes besides.", bases=bases, more=more)


def _existing(name: str, owner: str = "InApp", more: tuple[tuple[str, str], ...] = ()) -> Keywords:
    doc = f"Where an existing {name.lower()} is, and fields to set on its handle."
    return Keywords(
        f"Existing{name}", doc, bases=("ReachArguments", owner, f"{name}Values"), more=more
    )


_SEEN_BY = "resources_pb2.Visibility | Mapping[str, Any] | str | int"


def _changes(name: str, more: tuple[tuple[str, str], ...] = ()) -> Keywords:
    doc = f"Fields to change of an existing {name.lower()}."
    own = (("visibility", _SEEN_BY), ("image_url", "str"), *more)
    return Keywords(f"{name}Changes", doc, name, (*_OF_HANDLE, "visibility"), more=own)


FILES = (
    KeywordsFile(
        "packages/resources/src/clarifai_resources/arguments.py",
        (
            _values("User"),
            _arguments("User", ()),
            _values("App"),
            _arguments("App", ("OfUser",)),
            _existing("App", "OfUser"),
            _changes("App", (("base_workflow", "str"),)),
            _values("Model", ("model_version",)),
            _arguments("Model", ("InApp",), _MORE_OF_MODEL),
            _existing("Model", more=_VERSION_OF_MODEL),
            Keywords(
                "NewModel", "Fields of a new model.", bases=("ModelValues",), more=_VERSION_OF_MODEL
            ),
            Keywords(
                "ModelVersionValues",
                "Fields of a new version of a model.",
                "ModelVersion",
                ("user_id", "app_id"),
            ),
            _changes("Model"),
            _values("Module", ("description", "module_version")),
            _arguments("Module", ("InApp",), _DESCRIPTION),
            _existing("Module", more=_DESCRIPTION),
            _values("Workflow"),
            _arguments("Workflow", ("InApp",)),
            _existing("Workflow"),
            _changes("Workflow"),
        ),
    ),
    KeywordsFile(
        "packages/datasets/src/clarifai_datasets/arguments.py",
        (
            _values("Dataset"),
            _arguments("Dataset", ("InApp",)),
            _existing("Dataset"),
            _changes("Dataset"),
            Keywords(
                "DatasetVersionValues",
                "Fields of a new version of a dataset.",
                "DatasetVersion",
                ("user_id", "app_id"),
            ),
        ),
    ),
    KeywordsFile(
        "packages/runner/src/clarifai_runner/arguments.py",
        (_values("Runner"), _arguments("Runner", ())),
    ),
)

_HEAD = '''"""The keyword arguments of handles, for type checkers and editors; written by a tool.

Change `tools/keywords.py` instead.
"""

from __future__ import annotations

'''

_PLAIN = {
    "struct_pb2.Struct": "Mapping[str, Any]",
    "timestamp_pb2.Timestamp": "str",
    "wrappers_pb2.BoolValue": "bool",
    "wrappers_pb2.Int32Value": "int",
}
"""What stands for a message in plain values; for all others a mapping of its fields does."""

_ORIGINS = {
    "Mapping": "collections.abc",
    "Sequence": "collections.abc",
    "Any": "typing",
    "TypedDict": "typing",
    "resources_pb2": "clarifai_grpc.grpc.api",
    "status_pb2": "clarifai_grpc.grpc.api.status",
    "struct_pb2": "google.protobuf",
    "timestamp_pb2": "google.protobuf",
    "wrappers_pb2": "google.protobuf",
    "ConnectionArguments": "clarifai_core.arguments",
    "InApp": "clarifai_core.arguments",
    "OfUser": "clarifai_core.arguments",
    "ReachArguments": "clarifai_core.arguments",
}
"""Name -> the module that it is imported from; bases are needed at run time, types are not."""

_AT_RUN_TIME = ("Any", "TypedDict", "ConnectionArguments", "InApp", "OfUser", "ReachArguments")


def source(classes: tuple[Keywords, ...]) -> str:
    """Return the text of a file of keyword arguments."""
    body = "\n\n\n".join("\n".join(_lines(one)) for one in classes)
    used = [name for name in _ORIGINS if re.search(rf"\b{name}\b", body)]
    running = [name for name in used if name in _AT_RUN_TIME]
    typing = [name for name in used if name not in _AT_RUN_TIME]
    standard = ["TYPE_CHECKING", *(name for name in running if _ORIGINS[name] == "typing")]
    head = [f"from typing import {', '.join(standard)}", ""]
    head += [*_imports([one for one in running if _ORIGINS[one] != "typing"], ""), ""]
    head += ["if TYPE_CHECKING:", *_imports(typing, "    ")]
    return _HEAD + "\n".join(head) + "\n\n\n" + body + "\n"


def _imports(names: list[str], indent: str) -> Iterator[str]:
    origins = list(dict.fromkeys(_ORIGINS[name] for name in names))
    for origin in origins:
        listed = ", ".join(name for name in names if _ORIGINS[name] == origin)
        yield f"{indent}from {origin} import {listed}"
        if origin == "collections.abc" and origin != origins[-1]:
            yield ""


def _lines(keywords: Keywords) -> Iterator[str]:
    yield f"class {keywords.name}({', '.join(keywords.bases)}, total=False):"
    yield f'    """{keywords.help}"""'
    fields = _fields(keywords)
    if fields:
        yield ""
    yield from fields


def _fields(keywords: Keywords) -> list[str]:
    found = list(keywords.more)
    if keywords.message:
        descriptor = getattr(resources_pb2, keywords.message).DESCRIPTOR
        kept = [field for field in descriptor.fields if field.name not in keywords.without]
        found += [(field.name, _annotation(field)) for field in kept]
    return [f"    {name}: {kind}" for name, kind in found]


def _annotation(field: FieldDescriptor) -> str:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        return f"Mapping[str, {field_type(entry.fields_by_name['value'])}]"
    one = field_type(field)
    if entry is not None:
        one = f"{one} | {_PLAIN.get(one, 'Mapping[str, Any]')}"
    elif field.enum_type is not None:
        one = "int | str"
    return f"Sequence[{one}]" if field.is_repeated else one


if __name__ == "__main__":
    for file in FILES:
        file.place.write_text(source(file.classes), "utf-8")
