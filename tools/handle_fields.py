"""Write down the fields of the messages that handles carry, for editors and type checkers.

At run time a handle takes any field from its message (`core.handles.Handle.__getattr__`); editors
and type checkers read these classes. After an upgrade of clarifai-grpc:

    uv run python tools/handle_fields.py
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from tools.wheels import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import FieldDescriptor

_OF_HANDLE = ("id", "user_id", "app_id")
"""Fields that every handle has as properties."""


@attrs.frozen
class FieldsFile:
    """A file of declarations, and the messages it describes."""

    path: str
    messages: tuple[str, ...]

    @property
    def place(self) -> Path:
        """Return where it is."""
        return ROOT / self.path


FILES = (
    FieldsFile(
        "packages/resources/src/clarifai_resources/_fields.py",
        ("App", "Model", "Module", "User", "Workflow"),
    ),
    FieldsFile("packages/datasets/src/clarifai_datasets/_fields.py", ("Dataset",)),
    FieldsFile("packages/runner/src/clarifai_runner/_fields.py", ("Runner",)),
)

_HEAD = '''"""The fields of the messages that handles carry, for editors; written by a tool.

These classes have annotations only: at run time a handle takes the values from its message. Change
`tools/handle_fields.py` instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
'''

_ORIGINS = {
    "Mapping": "collections.abc",
    "Sequence": "collections.abc",
    "resources_pb2": "clarifai_grpc.grpc.api",
    "status_pb2": "clarifai_grpc.grpc.api.status",
    "struct_pb2": "google.protobuf",
    "timestamp_pb2": "google.protobuf",
    "wrappers_pb2": "google.protobuf",
}
"""Name in an annotation -> the module that it is imported from."""

_SCALARS = {
    "TYPE_BOOL": "bool",
    "TYPE_BYTES": "bytes",
    "TYPE_DOUBLE": "float",
    "TYPE_ENUM": "int",
    "TYPE_FLOAT": "float",
    "TYPE_STRING": "str",
}


def source(messages: tuple[str, ...]) -> str:
    """Return the text of a file of declarations."""
    body = "\n\n\n".join("\n".join(_class_lines(name)) for name in messages)
    used = [name for name in _ORIGINS if re.search(rf"\b{name}\b", body)]
    modules = dict.fromkeys(_ORIGINS[name] for name in used)
    lines = [
        f"    from {module} import " + ", ".join(name for name in used if _ORIGINS[name] == module)
        for module in modules
    ]
    if modules and next(iter(modules)) == "collections.abc":
        lines.insert(1, "")
    return _HEAD + "\n".join(lines) + "\n\n\n" + body + "\n"


def _class_lines(message: str) -> Iterator[str]:
    yield f"class {message}Fields:"
    yield f'    """Fields of the `{message}` message."""'
    yield ""
    for field in getattr(resources_pb2, message).DESCRIPTOR.fields:
        if field.name not in _OF_HANDLE:
            yield f"    {field.name}: {_annotation(field)}"


def _annotation(field: FieldDescriptor) -> str:
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        key, value = (field_type(entry.fields_by_name[name]) for name in ("key", "value"))
        return f"Mapping[{key}, {value}]"
    return f"Sequence[{field_type(field)}]" if field.is_repeated else field_type(field)


def field_type(field: FieldDescriptor) -> str:
    """Return the type of a field, or of one item of it."""
    if field.message_type is not None:
        module = field.message_type.file.name.rpartition("/")[2].replace(".proto", "_pb2")
        return f"{module}.{field.message_type.name}"
    names = {value: name for name, value in vars(type(field)).items() if name.startswith("TYPE_")}
    return _SCALARS.get(names[field.type], "int")


if __name__ == "__main__":
    for file in FILES:
        file.place.write_text(source(file.messages), "utf-8")
