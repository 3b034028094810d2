"""What a content is that somebody asks a model about: text, file, address, bytes or picture.

    str           an address, when it begins with http:// or https:// and has no blank in it;
                  the path of a file, when the model takes no text, or when it ends as the name of
                  a picture, sound or video does and the model is not for texts alone;
                  else the text itself
    pathlib.Path  a file
    bytes, files that are open for bytes, pictures of PIL, arrays of uint8     the content
    Input         what the platform has under it

For a model of texts, a text that is the name of a file that is here is refused: it may be either.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from clarifai_core.errors import FileError, MissingFile, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import shown
from clarifai_core.wire.data import MEDIA
from clarifai_inputs.contents import bytes_in, is_array, is_picture
from clarifai_inputs.media import KINDS, kind_of_name
from clarifai_resources import _input_types
from clarifai_resources.inputs._builders import content_only, read_file

if TYPE_CHECKING:
    from clarifai_resources.inputs._builders import FilePath

Content: TypeAlias = "str | os.PathLike[str] | bytes | resources_pb2.Input | Any"
"""One of the above."""

MAX_PATH_CHARACTERS = 1024
"""Longer texts are no names of files."""

MAX_NAME_CHARACTERS = 60
"""Of a text, where it stands for itself in a table."""

_DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+[;,]")
_NUMBERS = frozenset("buifc")
"""What numpy calls types of numbers."""

ACCEPTED = (
    "a text, the path of a file, a URL, bytes, a picture of PIL, an array of uint8 or an Input"
)


@attrs.frozen
class ModelContent:
    """One content, known for what it is; nothing of it has been read."""

    name: str
    """What people call it: its path, its address, or how it begins."""
    content: Any = attrs.field(repr=False)
    load: Callable[[], resources_pb2.Input] = attrs.field(repr=False, eq=False)
    """Returns it as an input; a file is read then. Raises UserError."""


@attrs.frozen
class AcceptedKinds:
    """What a model takes."""

    model_id: str
    kinds: tuple[str, ...] = ()
    """Kinds of media; none: the platform does not tell."""
    input_type: str = ""
    """The kind that the caller says; empty: it is found out."""

    @property
    def takes_text(self) -> bool:
        """Return whether a text can be meant as such."""
        return "text" in self.possible

    @property
    def possible(self) -> tuple[str, ...]:
        """Return the kinds that a content can have."""
        return (self.input_type,) if self.input_type else self.kinds or KINDS

    def kind_of(self, told: Callable[[tuple[str, ...]], str], name: str) -> str:
        """Return the kind of a content; see `_input_types.chosen`."""
        return _input_types.chosen(self.input_type, lambda: self.kinds, told, name)

    def check(self, kind: str, name: str) -> None:
        """Refuse a content of a kind that the model does not take."""
        if kind not in self.possible:
            raise UserError(
                f"{name} is {_a(kind)}, and model {self.model_id!r} takes "
                f"{' or '.join(self.possible)}."
            )


def is_one(given: Any) -> bool:
    """Return whether somebody gave one content, not several.

    Raises:
        UserError: It is neither.

    Example:
        >>> is_one("hello"), is_one(["hello"]), is_one(Path("a.png"))
        (True, False, True)
    """
    if isinstance(given, (str, os.PathLike, bytes, bytearray, memoryview, resources_pb2.Input)):
        return True
    if is_picture(given) or callable(getattr(given, "read", None)):
        return True
    if hasattr(given, "iloc") and hasattr(given, "columns"):
        raise UserError(
            f"A table of {len(given.columns)} columns was given: give one of them, "
            f"such as frame[{shown(next(iter(given.columns), 'text'))}]."
        )
    if is_array(given):
        shape = tuple(given.shape)
        if not shape or (len(shape) == 1 and getattr(given.dtype, "kind", "") in _NUMBERS):
            raise UserError(
                f"An array of {given.dtype} of shape {shape} is no picture: give H x W or "
                "H x W x 3 of uint8, or a list of contents."
            )
        return len(shape) in (2, 3)  # one picture; others are rows of contents
    if isinstance(given, (Mapping, set, frozenset)) or not isinstance(given, Iterable):
        raise UserError(f"Give {ACCEPTED}, or a list of these, not {shown(given, 80)}.")
    return False


def known(one: Content, taken: AcceptedKinds, place: str = "") -> ModelContent:
    """Return a content, known for what it is; nothing is read.

    Args:
        one: The content.
        taken: What the model takes.
        place: Where it stands in a list, for errors: `"[3]"`.

    Raises:
        UserError: It is none, or the model does not take it.
    """
    if isinstance(one, str):
        return _of_str(str(one), taken, place)  # numpy has texts of its own
    if isinstance(one, os.PathLike):
        return _file(one, taken)
    if isinstance(one, resources_pb2.Input):
        return ModelContent(one.id or f"input{place}", one, partial(_of_input, one, taken))
    if is_picture(one) or is_array(one):
        name = f"{type(one).__name__}{place}"
        taken.check("image", f"{name}, a picture,")
        return ModelContent(name, one, partial(_of_content, one, taken, name, "image"))
    if isinstance(one, (bytes, bytearray, memoryview)) or callable(getattr(one, "read", None)):
        name = str(getattr(one, "name", "") or f"{type(one).__name__}{place}")
        return ModelContent(name, one, partial(_of_content, one, taken, name, ""))
    raise UserError(f"content{place} must be {ACCEPTED}, not {shown(one, 80)}.")


def _of_str(one: str, taken: AcceptedKinds, place: str) -> ModelContent:
    if not one.strip():
        raise UserError(f"content{place} is an empty text: give {ACCEPTED}.")
    if _is_address(one):
        return ModelContent(one, one, partial(_of_address, one, taken))
    if taken.input_type != "text" and _DATA_URL.match(one):
        raise UserError(
            f"content{place} is a data URL, {shown(one, MAX_NAME_CHARACTERS)}: give the bytes in "
            "it, base64.b64decode(url.partition(',')[2])."
        )
    if not taken.takes_text or _may_be_path(one, taken):
        return _file(one, taken, is_path=False)
    name = one if len(one) <= MAX_NAME_CHARACTERS else f"{one[: MAX_NAME_CHARACTERS - 1]}\u2026"
    if taken.input_type != "text" and _is_file_here(one):
        raise UserError(
            f"{one!r} is the name of a file here, and model {taken.model_id!r} takes texts: give "
            f"pathlib.Path({one!r}) for what is in the file, or input_type='text' for these words."
        )
    return ModelContent(name, one, partial(_text, one))


def _is_address(one: str) -> bool:
    return one[:8].lower().startswith(("http://", "https://")) and not any(map(str.isspace, one))


def _is_file_here(one: str) -> bool:
    if len(one) > MAX_PATH_CHARACTERS or "\0" in one or not kind_of_name(one):
        return False
    return Path(one).is_file()


def _text(one: str) -> resources_pb2.Input:
    try:
        one.encode()
    except UnicodeEncodeError as error:
        raise UserError(
            f"{shown(one, 80)} is no text that can be sent: character {error.start} is half of a "
            "pair. Give text.encode('utf-8', 'replace').decode()."
        ) from error
    return resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw=one)))


def _may_be_path(one: str, taken: AcceptedKinds) -> bool:
    """Return whether a text is a path rather than words, for a model not of texts alone."""
    if taken.possible == ("text",) or kind_of_name(one) in ("", "text"):
        return False
    return not any(map(str.isspace, one)) or _is_file_here(one)


def _file(path: FilePath, taken: AcceptedKinds, *, is_path: bool = True) -> ModelContent:
    return ModelContent(os.fspath(path), path, partial(_of_file, path, taken, is_path=is_path))


def _of_file(path: FilePath, taken: AcceptedKinds, *, is_path: bool) -> resources_pb2.Input:
    content = _read(path, taken, is_path)
    name = os.fspath(path)
    media = taken.kind_of(lambda kinds: _input_types.of_bytes(content, kinds, name), repr(name))
    return content_only(media, content, repr(name))


def _read(path: FilePath, taken: AcceptedKinds, is_path: bool) -> bytes:
    try:
        return read_file(path, "The file")
    except MissingFile as error:
        kinds = "" if taken.takes_text else f", and model {taken.model_id!r} takes no texts"
        raise MissingFile(
            f"{os.fspath(path)!r:.200} is no file here{'' if is_path else kinds}"
            f"{_rather(os.fspath(path)) or _nearest(path) or '.'} Give {ACCEPTED}."
        ) from error
    except FileError as error:
        if not os.path.isdir(path):  # noqa: PTH112  why: of a name that is too long, pathlib raises
            raise
        raise type(error)(
            f"{os.fspath(path)!r} is a folder: give its files, such as "
            f"sorted(pathlib.Path({os.fspath(path)!r}).glob('*.jpg'))."
        ) from error


def _rather(path: str) -> str:
    """Return what to give in place of a path that looks like something else; `""`: it does not."""
    scheme, separator, rest = path.strip().partition("://")
    if path.startswith("~"):
        return f"; '~' stands for nothing here: give os.path.expanduser({path!r:.200})."
    if not separator or not scheme.isalnum():
        return ""
    if scheme.lower() == "file":
        return f"; give its path, {'/' + rest.partition('/')[2]!r:.200}."
    if scheme.lower() in ("http", "https"):
        return "; an address has no blanks."
    return f"; of addresses, http and https are fetched, not {scheme!r:.40}."


def _nearest(path: FilePath) -> str:
    folder, name = os.path.split(os.fspath(path))
    try:
        close = difflib.get_close_matches(name, os.listdir(folder or "."), 1)  # noqa: PTH208
    except (OSError, ValueError):
        return f"; there is no folder {folder!r:.200}." if folder else ""
    return f"; did you mean {os.path.join(folder, close[0])!r}?" if close else ""  # noqa: PTH118


def _of_address(url: str, taken: AcceptedKinds) -> resources_pb2.Input:
    media = taken.kind_of(partial(_input_types.of_url, url), repr(url))
    made = resources_pb2.Input()
    getattr(made.data, media).url = url
    return made


def _of_content(one: Any, taken: AcceptedKinds, name: str, kind: str) -> resources_pb2.Input:
    try:
        content = bytes_in(one, name)
    except (TypeError, ValueError, OSError) as error:
        raise UserError(f"{error}.") from error
    if not content:
        raise UserError(f"{name} is empty.")
    media = kind or taken.kind_of(partial(_input_types.of_bytes, content), name)
    return content_only(media, content, name)


def _of_input(one: resources_pb2.Input, taken: AcceptedKinds) -> resources_pb2.Input:
    """Return what an input shows, without what is said about it."""
    made = resources_pb2.Input(id=one.id)
    found = [kind for kind in MEDIA if one.data.HasField(kind)]  # type: ignore[arg-type]
    if not found:
        raise UserError(f"input {one.id!r} has no content that a model could be asked about.")
    for kind in found:
        getattr(made.data, kind).CopyFrom(getattr(one.data, kind))
    if len(found) == 1:
        taken.check(found[0], f"input {one.id!r}")
    return made


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
