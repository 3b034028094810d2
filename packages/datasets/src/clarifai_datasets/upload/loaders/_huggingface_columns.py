"""Which columns of a data set of Hugging Face are read, and as what: by their types and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from clarifai_core.errors import UserError
from clarifai_core.wire.messages import nearest
from clarifai_datasets.upload.loaders._record_keys import OBJECTS, RecordKeys, check_roles, keys_of
from clarifai_inputs.csv_dialect import heading
from clarifai_inputs.label_values import LABEL_NAMES, is_missing

_MEDIA = {"Image": "image", "Audio": "audio", "Video": "video"}
"""Class of a feature -> the kind of its values."""

_TEXTS = ("text", "sentence", "content", "review", "document", "utterance")
_IMAGES = ("image", "img")


@attrs.frozen
class ColumnChoice:
    """What is read of a row."""

    input: str
    kind: str
    """Of the contents: `"text"`, `"image"`, `"audio"` or `"video"`."""
    feature: Any
    """The type of the contents as they are to be read: not decoded; None: as they are."""
    keys: RecordKeys
    features: Mapping[str, Any] = attrs.field(repr=False)
    id: str = ""
    objects: str = ""
    unused: tuple[str, ...] = ()

    def record(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Return a row, but for its content, and what stands among its labels for no value.

        Raises:
            ValueError: Its labels can be read in several ways.
        """
        named = {name: self._named(name, row.get(name)) for name in self.keys.of}
        return self.keys.record(named)

    def names_of(self, column: str) -> list[str] | None:
        """Return the names of the classes in a column of objects; None: it has none."""
        feature = self.features[column]
        inner = getattr(feature, "feature", feature)
        inner = inner[0] if isinstance(inner, list) else inner
        fields = inner if isinstance(inner, dict) else {}
        found = (_class_names(one) for name, one in fields.items() if heading(name) in _CLASSES)
        return next(filter(None, found), None)

    def _named(self, name: str, value: Any) -> object:
        """Return a value with the names of classes for their numbers; -1 is none."""
        classes = _class_names(self.features[name]) if self.keys.of[name] == "labels" else None
        if classes is None or is_missing(value):
            return value
        many = isinstance(value, (list, tuple))
        found = [_class_name(one, classes) for one in (value if many else [value])]
        found = [one for one in found if one is not None]
        return found if many else (found or None)


_CLASSES = ("category", "categories", "label", "labels", "category_id", "class", "classes", "name")


def chosen(
    features: Mapping[str, Any], wanted: Mapping[str, str], roles: Mapping[str, str], where: str
) -> ColumnChoice:
    """Return which columns are read.

    Args:
        features: The columns, and their types.
        wanted: Columns that the caller named one by one, and their roles.
        roles: Those that the caller named all at once.
        where: What to call the data set.

    Raises:
        UserError: A column is not there, or nothing tells which one holds the contents.
    """
    names = tuple(features)
    for name in wanted:
        if name not in names:
            known = ", ".join(names)
            raise UserError(
                f"{where!r} has no column {name!r}{nearest(name, names)}; there are {known}."
            )
    check_roles(names, roles, where)
    roles = {**roles, **{heading(name): role for name, role in wanted.items()}}
    given = next((name for name in names if roles.get(heading(name)) == "input"), "")
    own = next((name for name in names if roles.get(heading(name)) == "inputid"), "")
    given = given or _input_of(features, {name for name in names if heading(name) in roles})
    if not given:
        known = ", ".join(names)
        raise UserError(f"Say which column of {where!r} is input_column; there are {known}.")
    objects = _objects_of(features, roles)
    roles = _with_labels(features, roles, {given, own, objects})
    rest = tuple(name for name in names if name not in (given, objects))
    keys = keys_of(rest, tuple(sorted(roles.items())))
    read = {"labels", "multi_hot", "metadata", "kept", "geo"}
    of = {name: key for name, key in keys.of.items() if key in read or name == own}
    left_out = {name for name in rest if roles.get(heading(name)) == ""}
    unused = tuple(name for name in rest if name not in of and name not in left_out)
    kind, feature = _kind_of(features[given])
    return ColumnChoice(given, kind, feature, RecordKeys(of), features, own, objects, unused)


def _input_of(features: Mapping[str, Any], taken: set[str]) -> str:
    """Return the column of contents; `""`: nothing tells."""
    free = {name: one for name, one in features.items() if name not in taken}
    by_name = [name for name in (*_IMAGES, *_TEXTS) if name in free]
    media = [name for name, one in free.items() if type(one).__name__ in _MEDIA]
    texts = [
        name
        for name, one in free.items()
        if getattr(one, "dtype", "") in ("string", "large_string")
        and heading(name) not in (*LABEL_NAMES, "id", "inputid", "input_id")
    ]
    named_media = [name for name in by_name if name in media]
    for found in (named_media[:1], media, by_name[:1], texts):
        if len(found) == 1:
            return found[0]
    return ""


def _objects_of(features: Mapping[str, Any], roles: Mapping[str, str]) -> str:
    said = [name for name in features if roles.get(heading(name)) == OBJECTS]
    free = [name for name in features if heading(name) == OBJECTS and heading(name) not in roles]
    return next(iter(said + free), "")


def _with_labels(
    features: Mapping[str, Any], roles: Mapping[str, str], taken: set[str]
) -> dict[str, str]:
    """Return roles with that of the column of labels: by its name, else by its type."""
    found = dict(roles)
    if {"concepts", "multi_hot"} & set(roles.values()):
        return found
    free = {heading(n): n for n in features if n not in taken and heading(n) not in roles}
    classes = [name for name in free if _class_names(features[free[name]]) is not None]
    by_name = [name for name in LABEL_NAMES if name in free]
    best = [name for name in by_name if name in classes] or by_name or classes[:1]
    if best and (by_name or len(classes) == 1):
        found[best[0]] = "concepts"
    return found


def _kind_of(feature: Any) -> tuple[str, Any]:
    """Return the kind of contents of a type, and the type that leaves them as they are."""
    kind = _MEDIA.get(type(feature).__name__, "")
    if not kind:
        is_binary = "binary" in str(getattr(feature, "dtype", ""))
        return ("image" if is_binary else "text"), None
    return kind, type(feature)(decode=False)


def _class_names(feature: Any) -> list[str] | None:
    """Return the names of the classes of a column of class numbers; None: it is none."""
    feature = getattr(feature, "feature", feature)
    if isinstance(feature, list):
        feature = feature[0] if feature else None
    names = getattr(feature, "names", None)
    return list(names) if names is not None and hasattr(feature, "int2str") else None


def _class_name(number: Any, names: list[str]) -> str | None:
    """Return the name of a class; None: -1, which says that there is none.

    Raises:
        ValueError: There is no such class.
    """
    if is_missing(number) or number == -1:
        return None
    if isinstance(number, str):
        return number
    if not 0 <= number < len(names):
        raise ValueError(f"there is no class {number}; there are {len(names)}")
    return names[int(number)]
